import { App } from 'aws-cdk-lib';
import { addHouseChecks } from '../lib/config/house-checks.ts';
import { makePlatform } from '../lib/platform.ts';

const app = new App();
addHouseChecks(app);
makePlatform(app);
app.synth();
