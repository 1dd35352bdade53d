export interface FolderEntry {
  /** Name within the folder. */
  readonly name: string;
  /** Undefined for a folder. */
  readonly bytes: number | undefined;
}

export interface StoredArtifact {
  readonly bytes: number;
  /** The storage's digest of the content, without quotes. */
  readonly etag: string;
}

export interface PresignedDownload {
  readonly expiresInSeconds: number;
  readonly mediaType: string;
  readonly disposition: string;
}

export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** Why the storage did not put parts together. */
export type CompleteOutcome =
  | { readonly state: 'completed' }
  | { readonly state: 'absent' }
  | { readonly state: 'refused'; readonly reason: string };

/** Files of runs and logged models; keys start with `tenants/<tenant>/`. */
export interface ArtifactFiles {
  /** Direct children of the prefix, which ends with `/`, by name; none when there is no such folder. */
  listFolder(prefix: string): Promise<readonly FolderEntry[]>;
  find(key: string): Promise<StoredArtifact | undefined>;
  /** Size, and the content of a file of up to `maxBytes`; undefined when there is no such file. */
  read(
    key: string,
    maxBytes: number,
  ): Promise<{ readonly bytes: number; readonly content: Uint8Array | undefined } | undefined>;
  write(key: string, content: Uint8Array, mediaType: string): Promise<void>;
  /** Deletes the file and all files below it as a folder; absent ones are no error. */
  deleteTree(key: string): Promise<void>;
  presignDownload(key: string, options: PresignedDownload): Promise<string>;
  /** An address to PUT the file at. */
  presignUpload(key: string, expiresInSeconds: number): Promise<string>;
  /** Begins an upload in parts and gives its id. */
  startUpload(key: string, mediaType: string): Promise<string>;
  /** Addresses to PUT the parts 1 to `count` at. */
  presignParts(
    key: string,
    uploadId: string,
    options: { readonly count: number; readonly expiresInSeconds: number },
  ): Promise<readonly string[]>;
  completeUpload(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<CompleteOutcome>;
  /** Drops an upload and its parts; an absent one is no error. */
  abortUpload(key: string, uploadId: string): Promise<void>;
}
