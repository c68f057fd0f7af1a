// Checks the attribute names of Terraform modules against the typings of @cdktf/provider-aws.
// usage: node check-terraform.mjs NODE_MODULES DIR...     prints one line per problem and the number of names checked
import { readdirSync, readFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const [modules, ...dirs] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const { parse } = require('@cdktf/hcl2json');
const provider = join(modules, '@cdktf/provider-aws/lib');

const camel = name => name.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase());
// Every block may have these; they belong to Terraform and not to the provider.
const meta = new Set(['count', 'for_each', 'lifecycle', 'provider', 'depends_on', 'dynamic', 'provisioner', 'connection']);

function typings(kind, type) {
  const folder = (kind === 'data' ? 'data-' : '') + type.replace(/^aws_/, kind === 'data' ? 'aws_' : '').replaceAll('_', '-');
  const file = join(provider, folder, 'index.d.ts');
  if (!existsSync(file)) return null;
  const config = new Set(), nested = new Set();
  for (const [, name, body] of readFileSync(file, 'utf8').matchAll(/export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g)) {
    for (const [, attribute] of body.matchAll(/readonly (\w+)\??:/g)) (name.endsWith('Config') ? config : nested).add(attribute);
  }
  return { config, nested };
}

let problems = 0, names = 0;
const say = text => { problems++; console.log(text); };

function walk(body, known, where, top) {
  for (const [name, value] of Object.entries(body)) {
    if (top && meta.has(name) && name !== 'dynamic') continue;
    if (name === 'dynamic') {
      for (const [block, list] of Object.entries(value)) {
        check(block, known, where, top);
        for (const one of list) for (const content of [one.content].flat()) walk(content, known, `${where}.${block}`, false);
      }
      continue;
    }
    check(name, known, where, top);
    // A list of objects is a block; a map in an argument (tags) is a value and its keys are free.
    if (Array.isArray(value)) for (const one of value) if (one && typeof one === 'object' && !Array.isArray(one)) walk(one, known, `${where}.${name}`, false);
  }
}

function check(name, known, where, top) {
  names++;
  const set = top ? known.config : known.nested;
  if (!set.has(camel(name))) say(`${where}: the provider knows no '${name}'`);
}

for (const dir of dirs) {
  for (const file of readdirSync(dir).filter(f => f.endsWith('.tf'))) {
    const path = join(dir, file);
    if (!statSync(path).isFile()) continue;
    const parsed = await parse(file, readFileSync(path, 'utf8'));
    for (const kind of ['resource', 'data']) {
      for (const [type, blocks] of Object.entries(parsed[kind] ?? {})) {
        const known = typings(kind, type);
        if (!known) { say(`${path}: the provider knows no ${kind} ${type}`); continue; }
        for (const [name, list] of Object.entries(blocks)) for (const body of list) walk(body, known, `${path} ${type}.${name}`, true);
      }
    }
  }
}
console.log(`${names} names checked, ${problems} problems`);
process.exit(problems ? 1 : 0);
