import { VPC_FLOW } from '#shared/events/vpc-flow/reader.ts';
import { classifyHandler } from './runtime/classify-handler.ts';
import { deployedParts } from './runtime/deployed-parts.ts';

/** Flow log records to evidence. */
export const handler = classifyHandler(deployedParts('classify-flow', [VPC_FLOW]));
