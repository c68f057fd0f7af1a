// Compares the tables of inputs and outputs in the READMEs of Terraform modules with what the modules take and give.
// usage: node terraform-docs.mjs NODE_MODULES DIR...            exits with 1 when a README is not up to date
//        node terraform-docs.mjs NODE_MODULES --write DIR...    brings them up to date
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRequire } from 'node:module';

const [modules, ...rest] = process.argv.slice(2);
const write = rest[0] === '--write';
const dirs = write ? rest.slice(1) : rest;
const { parse } = createRequire(join(resolve(modules), 'x.js'))('@cdktn/hcl2json');

const marks = /(<!-- inputs and outputs: tests\/node\/terraform-docs\.mjs -->\n)[\s\S]*?(<!-- end -->)/;
const cell = text => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
const code = text => '`' + text + '`';
const kind = type => {
  const text = String(type).replace(/^\$\{([\s\S]*)\}$/, '$1');
  return text.startsWith('list(object(') ? 'list(object)' : text;
};

async function tables(dir) {
  const read = async file => parse(file, readFileSync(join(dir, file), 'utf8'));
  const { variable = {} } = await read('variables.tf').catch(() => ({}));
  const { output = {} } = await read('outputs.tf').catch(() => read('main.tf'));
  const lines = [];
  if (Object.keys(variable).length) {
    lines.push('| Input | Meaning | Type | Default |', '|---|---|---|---|');
    for (const [name, [{ description, type, ...rest }]] of Object.entries(variable))
      lines.push(`| ${code(name)} | ${cell(description)} | ${code(kind(type))} | ${'default' in rest ? code(JSON.stringify(rest.default)) : 'must be given'} |`);
    lines.push('');
  }
  lines.push('| Output | Meaning |', '|---|---|');
  for (const [name, [{ description }]] of Object.entries(output)) lines.push(`| ${code(name)} | ${cell(description)} |`);
  return lines.join('\n');
}

let stale = 0;
for (const dir of dirs) {
  const file = join(dir, 'README.md');
  const old = readFileSync(file, 'utf8');
  if (!marks.test(old)) { console.error(`${file} has no marks`); process.exit(2); }
  const text = await tables(dir);
  const now = old.replace(marks, (_, begin, end) => `${begin}\n${text}\n\n${end}`);
  if (now === old) continue;
  if (write) writeFileSync(file, now);
  else { stale++; console.log(`${file} is not up to date; run: node tests/node/terraform-docs.mjs tests/node/node_modules --write ${dir}`); }
}
console.log(`${dirs.length} modules, ${stale} stale`);
process.exit(stale ? 1 : 0);
