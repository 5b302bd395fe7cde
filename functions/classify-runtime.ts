import { AUDITD } from '#shared/events/auditd/reader.ts';
import { FALCO } from '#shared/events/falco/reader.ts';
import { MINER_CONSOLE } from '#shared/events/miner-console/reader.ts';
import { classifyHandler } from './runtime/classify-handler.ts';
import { deployedParts } from './runtime/deployed-parts.ts';

/** Records of what processes do, from auditd, Falco and miners' consoles, to evidence. */
export const handler = classifyHandler(deployedParts('classify-runtime', [AUDITD, FALCO, MINER_CONSOLE]));
