import { RESOLVER } from '#shared/events/resolver/reader.ts';
import { classifyHandler } from './runtime/classify-handler.ts';
import { deployedParts } from './runtime/deployed-parts.ts';

/** Resolver query log records to evidence. */
export const handler = classifyHandler(deployedParts('classify-dns', [RESOLVER]));
