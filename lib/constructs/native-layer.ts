import { join } from 'node:path';
import { AssetHashType, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Architecture, CfnLayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { assembleLayer, type LayerName, layerHash, missingPackages } from '../../layers/native-layers.ts';
import { architectureOf, installationOf } from '../config/installation.ts';

export interface NativeLayerProps {
  readonly layer: LayerName;
}

/**
 * A layer with the native parts of one platform. Old versions are kept, since endpoints that were made while
 * they were new go on using them.
 *
 * Binaries of the host's platform come from node_modules. Those of another platform are fetched when the
 * asset is published, by `scripts/pack-layer.ts`: synth never touches the network.
 */
export class NativeLayer extends Construct {
  readonly layerVersionArn: string;

  constructor(scope: Construct, id: string, props: NativeLayerProps) {
    super(scope, id);
    const { platform } = installationOf(this);
    const architecture =
      architectureOf(platform) === 'arm64' ? Architecture.ARM_64.name : Architecture.X86_64.name;
    const version = new CfnLayerVersion(this, 'Version', {
      content: this.#content(props.layer, platform),
      compatibleRuntimes: [Runtime.NODEJS_24_X.name],
      compatibleArchitectures: [architecture],
      description: `${props.layer} for ${platform}`,
    });
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.layerVersionArn = version.ref;
  }

  #content(layer: LayerName, platform: string): CfnLayerVersion.ContentProperty {
    if (String(this.node.tryGetContext('perennial:bundle')) === 'false') {
      return { s3Bucket: 'not-bundled', s3Key: layerHash(layer, platform) };
    }
    if (missingPackages(layer, platform).length > 0) return this.#contentMadeAtPublishing(layer, platform);
    const asset = new Asset(this, 'Content', {
      path: assembleLayer(layer, platform),
      assetHash: layerHash(layer, platform),
      assetHashType: AssetHashType.CUSTOM,
    });
    return { s3Bucket: asset.s3BucketName, s3Key: asset.s3ObjectKey };
  }

  #contentMadeAtPublishing(layer: LayerName, platform: string): CfnLayerVersion.ContentProperty {
    const script = join(import.meta.dirname, '../../scripts/pack-layer.ts');
    const location = Stack.of(this).synthesizer.addFileAsset({
      sourceHash: layerHash(layer, platform),
      executable: [process.execPath, script, layer, platform],
    });
    return { s3Bucket: location.bucketName, s3Key: location.objectKey };
  }
}
