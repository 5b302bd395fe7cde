/** The longest line of an envelope, in bytes: a full batch of CloudWatch Logs (1 MiB) with its escapes and ids, in JSON. */
export const MAX_ENVELOPE_LINE = 8 * 1024 * 1024;

/** What one compressed payload of an envelope may inflate to, in bytes. */
export const MAX_PAYLOAD = 64 * 1024 * 1024;

/** How many envelopes may lie in one another. */
export const MAX_DEPTH = 4;

/** How many streams of one envelope are read at a time; the one that was silent longest is settled for a new one. */
export const MAX_STREAMS = 256;
