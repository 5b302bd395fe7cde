import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { main } from '../../cli/main.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md']).sort();
const pageText = (page: string): string => readFileSync(page, 'utf8');
const readme = pageText('README.md');

/** Text without its code blocks. */
const prose = (markdown: string): string => markdown.replace(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '');
const blocks = (markdown: string): string[] =>
  [...markdown.matchAll(/^(`{3,})sh\n([\s\S]*?)^\1$/gm)].map(([, , text = '']) => text);

function linksIn(markdown: string): string[] {
  return [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...prose(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('there are pages with links', () => {
  assert.ok(PAGES.length > 8, `only ${PAGES.length} pages found`);
  assert.ok(PAGES.flatMap((page) => linksIn(pageText(page))).length > 40);
});

for (const page of PAGES) {
  test(`every link of ${page} leads to a file, and to a heading where it names one`, () => {
    for (const link of linksIn(pageText(page))) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      assert.ok(existsSync(target), `${page}: ${link}`);
      if (anchor !== undefined) assert.ok(anchorsOf(pageText(target)).has(anchor), `${page}: ${link}`);
    }
  });
}

test('every file that the pages name in code text exists', () => {
  const named = PAGES.flatMap((page) =>
    [...prose(pageText(page)).matchAll(/`((?:shared|cli|test|docs|rules|intel|samples|bench)\/[\w./-]+)`/g)].map(
      ([, path = '']) => ({ page, path }),
    ),
  );
  assert.ok(named.length > 5, `only ${named.length} found`);
  for (const { page, path } of named) assert.ok(existsSync(path), `${page}: ${path}`);
});

test('every npm script that a page runs exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const known = new Set([...Object.keys(scripts), 'ci']);
  const run = PAGES.flatMap((page) =>
    [...pageText(page).matchAll(/(?:^|`|&& )npm (?:run (?:-s |--silent )?)?([a-z][\w:]*)/gm)].map(([, name = '']) => ({
      page,
      name,
    })),
  );
  assert.ok(run.length > 5, `only ${run.length} found`);
  for (const { page, name } of run) assert.ok(known.has(name), `${page}: npm run ${name}`);
});

test('every program that a code block runs by node exists', () => {
  const run = PAGES.flatMap((page) =>
    blocks(pageText(page)).flatMap((block) =>
      [...block.matchAll(/\bnode (?:--test )?([\w/.-]+\.[jt]s)\b/g)].map(([, path = '']) => path),
    ),
  );
  assert.ok(run.length > 0);
  for (const path of run) assert.ok(existsSync(path), path);
});

async function helpOf(command: string): Promise<string> {
  let text = '';
  const keep = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  const code = await main([command, '--help'], { stdin: process.stdin, stdout: keep, stderr: keep, env: {} });
  assert.equal(code, 0);
  return text;
}

const optionsIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option));

test('the README names every option of scan and of classify, and no other', async () => {
  const known = optionsIn((await helpOf('scan')) + (await helpOf('classify')));
  const transcript = /<!-- transcript[\s\S]*<!-- end of transcript -->/;
  const told = optionsIn(readme.replace(transcript, ''));
  known.delete('--help');
  assert.deepEqual([...told].sort(), [...known].sort());
});

test('the README names every format', async () => {
  const choices = [...(await helpOf('classify')).matchAll(/"([a-z0-9-]+)"/g)].map(([, name = '']) => name);
  assert.ok(choices.length > 8, choices.join(' '));
  for (const name of choices) if (name !== 'auto' && name !== '-') assert.ok(readme.includes(name), name);
});
