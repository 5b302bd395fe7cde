import { type Keep, MASK } from './shapes.ts';

/** An AWS secret access key has 40 characters of this alphabet, and may begin with any of them; a session token has hundreds. */
const RUN = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40,}={0,2}/g;
const NAME = /secret[ _-]?(?:access[ _-]?)?key|(?:session|security)[ _-]?token/gi;
/** Farthest that a name stands before its key: `[None]: `, `","value":"`, `</Name><Value>`, the next line of YAML. */
const GAP = 40;
const LONGEST_NAME = 24;
/** What joins a name to its value and says nothing else. */
const JOINED = /^[\s"'`\\:=>,]*$/;

/** Whether letters of both cases are mixed as chance does, which words and paths seldom do. */
function isDrawn(run: string): boolean {
  return (run.match(/[A-Z]/g)?.length ?? 0) >= 5 && (run.match(/[a-z]/g)?.length ?? 0) >= 5;
}

/** What stands between `at` and the last name of an AWS secret before it; undefined if none is near. */
function gapBefore(text: string, at: number): string | undefined {
  const before = text.slice(Math.max(0, at - GAP - LONGEST_NAME), at);
  let gap: string | undefined;
  for (const name of before.matchAll(NAME)) gap = before.slice(name.index + name[0].length);
  return gap;
}

/** Masks AWS secret access keys and session tokens near their names, in settings, JSON, XML, YAML and plain words. */
export function maskNamedKeys(text: string, keep: Keep): string {
  return text.replace(RUN, (run, at: number) => {
    const gap = gapBefore(text, at);
    if (gap === undefined || keep(run)) return run;
    return JOINED.test(gap) || isDrawn(run) ? MASK : run;
  });
}
