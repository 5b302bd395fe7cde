import assert from 'node:assert/strict';

/**
 * A secret in each form in which a reader could still see it: plain, in hexadecimal, and in base64 at each of the three
 * places that it may have in a longer text.
 */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // Characters at the borders hold bits of the neighbours too.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [secret, hex, hex.toUpperCase(), ...base64];
}

/** What a terminal, a chat or a browser would obey although it came from a log: control and format characters. */
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;
const CONTROL = /\p{Cc}/u;

export function assertHoldsNone(output: string, where: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const form of formsOf(secret))
      assert.ok(!output.includes(form), `${where} holds the secret ${secret} as ${form}`);
  }
}

export function assertInert(output: string, where: string): void {
  const found = OBEYED.exec(output);
  assert.ok(found === null, `${where} holds ${JSON.stringify(found?.[0])} at ${found?.index}`);
}

/** No string anywhere in the value has a control character. */
export function assertNoControl(value: unknown, where: string): void {
  if (typeof value === 'string') assert.ok(!CONTROL.test(value), `${where} holds ${JSON.stringify(value)}`);
  else if (Array.isArray(value)) for (const one of value) assertNoControl(one, where);
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) assertNoControl(one, `${where}.${key}`);
}
