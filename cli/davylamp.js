#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say what is wrong instead of failing on the first type annotation.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `davylamp needs Node 22.18 or newer, this is ${process.versions.node}. From the checkout, \`npm run -s davylamp -- …\` brings its own.\n`,
  );
  process.exitCode = 2;
} else {
  // The second start finds the stripped and compiled modules in the system's temporary folder.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
