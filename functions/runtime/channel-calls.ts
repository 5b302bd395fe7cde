/**
 * How channels call AWS: throttling is waited out for some seconds, and a connection that says nothing ends well before
 * the function does, so that what the batch did is answered and the rest comes again.
 */
export const CHANNEL_CALLS = { maxAttempts: 5, requestHandler: { connectionTimeout: 2_000, socketTimeout: 6_000 } };
