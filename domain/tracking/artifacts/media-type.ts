/** What MLflow shows as text, whatever its registered type is. */
const TEXT = new Set(
  'txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 csv tsv md rst ipynb MLmodel MLproject'.split(
    ' ',
  ),
);

/** Types by extension, as Python's `mimetypes` knows them without the machine's own table. */
const TYPES = new Map(
  `application/javascript mjs
application/json json
application/manifest+json webmanifest
application/msword doc dot wiz
application/pdf pdf
application/pkcs7-mime p7c
application/postscript ai eps ps
application/vnd.apple.mpegurl m3u m3u8
application/vnd.ms-excel xlb xls
application/vnd.ms-powerpoint pot ppa pps ppt pwz
application/wasm wasm
application/x-csh csh
application/x-dvi dvi
application/x-hdf hdf
application/x-hdf5 h5
application/x-latex latex
application/x-netcdf cdf nc
application/x-pkcs12 p12 pfx
application/x-python-code pyc pyo
application/x-sh sh
application/x-tar tar
application/x-tcl tcl
application/x-tex tex
application/xml rdf wsdl xpdl xsl
application/zip zip
audio/aac aac adts ass loas
audio/basic au snd
audio/mpeg mp2 mp3
audio/opus opus
audio/x-aiff aif aifc aiff
audio/x-wav wav
image/avif avif
image/bmp bmp
image/gif gif
image/heic heic
image/heif heif
image/jpeg jpe jpeg jpg
image/png png
image/svg+xml svg
image/tiff tif tiff
image/vnd.microsoft.icon ico
image/x-portable-anymap pnm
image/x-portable-bitmap pbm
image/x-portable-graymap pgm
image/x-portable-pixmap ppm
image/x-rgb rgb
message/rfc822 eml mht mhtml nws
text/css css
text/csv csv
text/html htm html
text/javascript js
text/plain bat c h ksh pl srt txt
text/tab-separated-values tsv
text/vtt vtt
text/x-python py
text/xml xml
video/mp4 mp4
video/mpeg m1v mpa mpe mpeg mpg
video/quicktime mov qt
video/webm webm
video/x-msvideo avi`
    .split('\n')
    .flatMap((line) => {
      const [type = '', ...extensions] = line.split(' ');
      return extensions.map((extension) => [extension, type] as const);
    }),
);
/** A compressed file has the type of what is in it. */
const COMPRESSED = /\.(?:gz|Z|bz2|xz|br)$/;
const SHORT: Readonly<Record<string, string>> = {
  svgz: 'svg',
  tgz: 'tar',
  taz: 'tar',
  tbz2: 'tar',
  txz: 'tar',
};

/** The type that MLflow's server answers for a file of that name; the uploader's own word does not count. */
export function guessMediaType(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (TEXT.has(extensionOf(name) || name)) return 'text/plain';
  const extension = extensionOf(name.replace(COMPRESSED, ''));
  const known = SHORT[extension] ?? extension;
  return TYPES.get(known) ?? TYPES.get(known.toLowerCase()) ?? 'application/octet-stream';
}

/** Without its dot; a name that only begins with a dot has none. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1);
}
