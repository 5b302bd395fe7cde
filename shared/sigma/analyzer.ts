import type { Analyzer } from '#shared/model/analyzer.ts';
import { endpointArtifact } from '#shared/model/endpoint.ts';
import type { Event } from '#shared/model/event.ts';
import type { Verdict } from '#shared/model/indicator.ts';
import { type Artifact, artifact } from '#shared/model/place.ts';
import { compileExpression, type Expression, type Matched, matchedBy } from './expression.ts';
import type { Category } from './fields.ts';
import type { Metadata } from './metadata.ts';
import { needlesOf } from './needles.ts';
import { View } from './view.ts';

/** Gives an event and, for a process that runs others' commands (`sh -c '…'`), one event for each of them. */
export type Expand = (event: Event) => readonly Event[];

/** So many of one event's commands are judged, and so many give a verdict. */
const MAX_VIEWS = 64;
const MAX_VERDICTS = 8;
const MAX_OF_A_FIELD = 8;
const MAX_MATCHED_TEXT = 120;
const MAX_WHY = 480;

/** The views of the event that was asked for last: all rules of a set look at the same event one after the other. */
export function rememberViews(expand: Expand): (event: Event) => readonly View[] {
  let last: { event: Event; views: readonly View[] } | undefined;
  return (event) => {
    if (last?.event !== event) {
      const events = expand(event).slice(0, MAX_VIEWS);
      last = { event, views: events.map((one) => new View(one)) };
    }
    return last.views;
  };
}

/** A rule as the classifier knows detections. */
export function toAnalyzer(
  metadata: Metadata,
  category: Category,
  expression: Expression,
  views: (event: Event) => readonly View[],
): Analyzer {
  const matches = compileExpression(expression);
  return {
    id: metadata.name,
    version: metadata.version,
    title: metadata.title,
    group: metadata.group,
    technique: metadata.technique,
    classes: [category.class],
    needles: needlesOf(expression),
    decide: (event) => {
      if (!category.accepts(event)) return [];
      const verdicts: Verdict[] = [];
      for (const view of views(event)) {
        const matched = category.accepts(view.event) && matches(view) ? matchedBy(expression, view) : undefined;
        if (matched === undefined) continue;
        const verdict = toVerdict(metadata, matched, view);
        if (!verdicts.some((other) => other.why === verdict.why)) verdicts.push(verdict);
        if (verdicts.length >= MAX_VERDICTS) break;
      }
      return verdicts;
    },
  };
}

function toVerdict(metadata: Metadata, matches: readonly Matched[], view: View): Verdict {
  const matched = new Map<string, Set<string>>();
  for (const { label, texts } of matches) {
    const known = matched.get(label) ?? new Set();
    for (const text of texts) known.add(text);
    matched.set(label, known);
  }
  const found = [...matched].flatMap(([label, texts]) => [...texts].map((text) => `${label}=${clean(text)}`));
  return {
    strength: metadata.strength,
    artifacts: artifactsOf(metadata, matched, view),
    why: `${metadata.title} (${metadata.name}): ${found.join(', ')}`.slice(0, MAX_WHY).toWellFormed(),
    ...(metadata.flags.length === 0 ? {} : { flags: metadata.flags }),
  };
}

/** One line of bounded length. */
function clean(text: string): string {
  const cut = text.length > MAX_MATCHED_TEXT ? `${text.slice(0, MAX_MATCHED_TEXT)}…` : text;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ').toWellFormed();
}

function artifactsOf(metadata: Metadata, matched: ReadonlyMap<string, Set<string>>, view: View): readonly Artifact[] {
  const all = metadata.artifacts.flatMap(({ kind, field }) => {
    const isList = field.kind === 'list' || field.kind === 'addresses';
    const texts = isList ? [...(matched.get(field.name) ?? [])] : view.texts(field);
    return texts
      .filter((text) => text !== '')
      .slice(0, MAX_OF_A_FIELD)
      .map((text) => (kind === 'pool' ? endpointArtifact({ host: text.toLowerCase() }) : artifact(kind, text)));
  });
  return [...new Set(all)];
}
