// What AWS, MITRE and CIS changed since the service models and lists in this repository, as markdown. Not run in CI; the workflow
// .github/workflows/current.yml runs it each month and keeps one issue with what it prints. How the models are then renewed:
// docs/architecture.md, "An operation of AWS".
//
//   node current.mjs OLD NEW [--attack FILE] [--cis FILE]
//
// OLD and NEW are botocore's `data` folders: the version in tests/python/requirements.txt, and the newest. FILE of --attack is `index.json` of
// mitre-attack/attack-stix-data; that of --cis is GitHub's listing of a folder in which there is a file for each version of the benchmark
// (prowler's prowler/compliance/aws). What is not given is said not to have been looked at.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../../..');
const given = process.argv.slice(2);
const option = name => { const at = given.indexOf(name); return at < 0 ? null : given.splice(at, 2)[1]; };
const attackFile = option('--attack'), cisFile = option('--cis');
const [older, newer] = given;
if (!older || !newer || !existsSync(older) || !existsSync(newer)) {
  console.error('usage: node current.mjs OLD NEW [--attack FILE] [--cis FILE]   (OLD, NEW: botocore/data)');
  process.exit(2);
}

const json = path => JSON.parse(path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path));
function model(source, service) {
  const folder = join(source, service);
  if (!existsSync(folder)) return null;
  const version = readdirSync(folder).sort().at(-1);
  const file = ['service-2.json.gz', 'service-2.json'].map(name => join(folder, version, name)).find(existsSync);
  return file ? json(file) : null;
}
// Names alone are printed: nothing in them can be markup.
const plain = text => /^[\w.:/*-]{1,200}$/.test(text) ? text : '(a name of other characters)';
const versions = path => Object.fromEntries([...readFileSync(path, 'utf8').matchAll(/^(\w+)==(\S+)/gm)].map(([, name, version]) => [name, version]));

// The operations that tables read, by service.
const read = new Map();
const folder = join(repository, 'checks/tables');
for (const file of readdirSync(folder).filter(name => name.endsWith('.yml'))) {
  const text = readFileSync(join(folder, file), 'utf8').split(/^terraform:/m)[0];
  const services = [...text.matchAll(/\bservice: ([a-z0-9-]+)/g)].map(([, name]) => name);
  for (const [, operation] of text.matchAll(/\boperation: (\w+)/g)) {
    for (const service of services) {
      const path = join(here, `${service}.json`);
      if (!existsSync(path) || !json(path).operations[operation]) continue;
      if (!read.has(service)) read.set(service, new Set());
      read.get(service).add(operation);
    }
  }
}

// Every member under a shape as a path, and every enumeration with its values.
function walk(shapes, name, path, seen, members, enums) {
  const shape = shapes[name];
  if (!shape || seen.has(name)) return;
  const inner = new Set([...seen, name]);
  if (shape.enum) enums.set(name, new Set(shape.enum));
  for (const [member, ref] of Object.entries(shape.members ?? {})) {
    members.add(`${path}${member}`);
    walk(shapes, ref.shape, `${path}${member}.`, inner, members, enums);
  }
  for (const part of ['member', 'key', 'value']) if (shape[part]) walk(shapes, shape[part].shape, path, inner, members, enums);
}

const sections = [];
const section = (title, lines) => { if (lines.length) sections.push(`## ${title}\n\n${lines.map(line => `- ${line}`).join('\n')}\n`); };
const memberLines = [], enumLines = [];
for (const [service, operations] of [...read].sort()) {
  const ours = json(join(here, `${service}.json`)), old = model(older, service), latest = model(newer, service);
  if (!latest) { memberLines.push(`\`${service}\` is not in the newer models`); continue; }
  const enums = new Map();
  for (const operation of [...operations].sort()) {
    const op = latest.operations[operation];
    if (!op) { memberLines.push(`\`${service}:${operation}\` is gone`); continue; }
    const known = new Set(), found = new Set(), before = new Map(), after = new Map();
    for (const side of ['input', 'output']) {
      if (ours.operations[operation][side]) walk(ours.shapes, ours.operations[operation][side].shape, `${side}.`, new Set(), known, new Map());
      if (op[side]) walk(latest.shapes, op[side].shape, `${side}.`, new Set(), found, after);
      if (old?.operations[operation]?.[side]) walk(old.shapes, old.operations[operation][side].shape, `${side}.`, new Set(), found.old ??= new Set(), before);
    }
    // What we left out on purpose (secrets) was there before.
    const added = [...found].filter(member => !known.has(member) && !found.old?.has(member));
    const top = added.filter(member => !added.some(other => member.startsWith(other + '.')));
    if (top.length) memberLines.push(`\`${service}:${operation}\`: ${top.sort().map(member => `\`${plain(member)}\``).join(', ')}`);
    for (const [name, values] of after) {
      const fresh = [...values].filter(value => before.has(name) && !before.get(name).has(value));
      if (fresh.length) enums.set(name, fresh);
    }
  }
  for (const [name, fresh] of [...enums].sort()) enumLines.push(`\`${service}\` ${plain(name)}: ${fresh.sort().map(value => `\`${plain(value)}\``).join(', ')}`);
}
section('New members of requests and replies that tables read', memberLines);
section('New values of enumerations in them', enumLines);

// A kind of log that PutDeliverySource did not know may be one that a check asks for by another way.
const logTypes = source => {
  const logs = model(source, 'logs');
  const text = logs.shapes.PutDeliverySourceRequest.members.logType.documentation.replace(/<[^>]+>/g, ' ');
  return new Map([...text.matchAll(/For ([^,.]+?),\s+the valid values? (?:is|are)([^.]*)\./g)].map(([, of, values]) => [of.replace(/\s+/g, ' ').trim(), [...values.matchAll(/[A-Z][A-Z0-9_]{3,}/g)].map(([value]) => value)]));
};
const knownTypes = logTypes(older), latestTypes = logTypes(newer);
section('New log types of PutDeliverySource', [...latestTypes].flatMap(([of, values]) => {
  const fresh = values.filter(value => !(knownTypes.get(of) ?? []).includes(value));
  return fresh.length ? [`${of.replace(/[^\w ().-]/g, '')}: ${fresh.map(value => `\`${value}\``).join(', ')}`] : [];
}));

const regions = source => new Map(json(join(source, 'partitions.json')).partitions.map(({ id, regions }) => [id, Object.keys(regions).filter(name => !name.includes('global'))]));
const ours = new Map(json(join(here, 'endpoints.json')).partitions.map(({ id, regions }) => [id, regions]));
// The isolated partitions are out of reach of whoever reads this.
section('New partitions and regions', [...regions(newer)].filter(([id]) => !id.startsWith('aws-iso')).flatMap(([id, names]) => {
  const fresh = names.filter(name => !(ours.get(id) ?? []).includes(name));
  return fresh.length ? [`${plain(id)}: ${fresh.map(name => `\`${plain(name)}\``).join(', ')}${ours.has(id) ? '' : ' (the partition is not known here)'}`] : [];
}));
section('Services that the newer models have and the older ones do not', readdirSync(newer).filter(name => existsSync(join(newer, name, '')) && !/\.json$/.test(name) && !existsSync(join(older, name))).map(name => `\`${plain(name)}\``));

const compare = (a, b) => { const [x, y] = [a, b].map(text => text.split('.').map(Number)); for (let i = 0; i < Math.max(x.length, y.length); i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) - (y[i] ?? 0); return 0; };
const notes = [];
const attack = readFileSync(join(repository, 'src/Scanner.Model/AttackMatrix.cs'), 'utf8').match(/Version\s*=>?\s*"([0-9.]+)"/)?.[1];
if (attackFile) {
  const newest = json(attackFile).collections.find(one => one.name === 'Enterprise ATT&CK').versions.map(one => one.version).sort(compare).at(-1);
  if (!attack || compare(newest, attack) > 0) section('MITRE ATT&CK', [`Enterprise ${plain(newest)}; here ${attack ?? 'unknown'}`]);
} else notes.push('versions of ATT&CK');
const cis = readdirSync(join(repository, 'checks/frameworks')).flatMap(name => name.match(/^cis-aws-([0-9.]+)\.yml$/)?.[1] ?? []);
if (cisFile) {
  const fresh = json(cisFile).flatMap(file => file.name.match(/^cis_([0-9.]+)_aws\.json$/)?.[1] ?? []).filter(version => !cis.some(one => compare(one, version) === 0) && compare(version, '1.4') > 0);
  section('CIS AWS Foundations Benchmark', fresh.map(version => `${plain(version)} is not among the frameworks here (${cis.sort(compare).join(', ')})`));
} else notes.push('versions of the CIS benchmark');

if (sections.length) {
  const pinned = versions(join(repository, 'tests/python/requirements.txt')).botocore ?? 'unknown';
  console.log(`What changed since botocore ${pinned}, by \`node src/Scanner.Aws/ServiceModels/current.mjs\`. Look through it, then renew the models (docs/architecture.md, "An operation of AWS").\n`);
  console.log(sections.join('\n'));
}
if (notes.length) console.log(`${sections.length ? '\n' : ''}Not looked at: ${notes.join(', ')}.`);
