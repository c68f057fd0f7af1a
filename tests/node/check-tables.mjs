// Checks resource types, arguments and attributes that the tables' `terraform:` sections name against Terraform's AWS provider, version 6
// (the typings of @cdktn/provider-aws) and 5 (provider-5.mjs): each must be in one of them.
// usage: node check-tables.mjs NODE_MODULES NAMES.json     prints one line per problem, then the number of names checked
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { names } from './provider-names.mjs';

const [modules, file] = process.argv.slice(2);
const library = join(modules, '@cdktn/provider-aws/lib');
const five = JSON.parse(readFileSync(join(modules, '.provider-5.json'), 'utf8'));
const six = new Map();

function versions(type) {
  if (!six.has(type)) {
    const path = join(library, type.replace(/^aws_/, '').replaceAll('_', '-'), 'index.js');
    six.set(type, existsSync(path) ? names(readFileSync(path, 'utf8')) : null);
  }
  return [six.get(type), five[type]].filter(Boolean);
}

// How much of a path there is: all of it, or the place of the first name that is not.
function reach(known, path) {
  for (let i = 0; i < path.length; i++) {
    if (known === '*') return path.length;
    if (!known || !Object.hasOwn(known, path[i])) return i;
    known = known[path[i]];
  }
  return path.length;
}

let problems = 0, checked = 0;
for (const { where, types, path } of JSON.parse(readFileSync(file, 'utf8'))) {
  checked++;
  const unknown = types.filter(type => versions(type).length === 0);
  const furthest = Math.max(...types.flatMap(versions).map(known => reach(known, path)), 0);
  for (const type of unknown) { problems++; console.log(`${where}: the provider knows no resource ${type}`); }
  if (unknown.length < types.length && furthest < path.length) {
    problems++;
    console.log(`${where}: the provider knows no '${path.slice(0, furthest + 1).join('.')}' of ${types.join(', ')}`);
  }
}
console.log(`${checked} names checked, ${problems} problems`);
process.exit(problems ? 1 : 0);
