import { Logger } from '@aws-lambda-powertools/logger';

/** JSON logs. Never give it bodies, tokens, header values or anything a person could be known by. */
export const logger = new Logger({ serviceName: 'perennial' });
