import type { Analyzer } from '#shared/model/analyzer.ts';
import { downloadToShell } from './download-to-shell.ts';
import { executableDownloaded } from './executable-downloaded.ts';
import { logWiping } from './log-wiping.ts';
import { shellUnderServer } from './shell-under-server.ts';

/** Every detection of context that is code: what tells how somebody came in, and never counts for a severity. */
export const CONTEXT_ANALYZERS: readonly Analyzer[] = [
  downloadToShell,
  shellUnderServer,
  executableDownloaded,
  logWiping,
];
