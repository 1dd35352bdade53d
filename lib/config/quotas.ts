/**
 * The most concurrency that the installation's functions reserve together when the setting is on; a test adds
 * them up.
 */
export const RESERVED_CONCURRENCY = 30;
