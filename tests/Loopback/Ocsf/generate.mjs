// Compiles the classes that Scanner writes, and the objects and types that they reach, from a checkout of the published schema
// (https://github.com/ocsf/ocsf-schema, Apache-2.0) into one file of facts: names, requirements, enumerations, siblings, profiles, constraints.
// No description is taken over. The rules of compilation are those of the schema's README: extends, $include, dictionary, profiles.
//   git clone --branch 1.6.0 https://github.com/ocsf/ocsf-schema && node generate.mjs ocsf-schema > ocsf-1.6.0.json
// Compared once with what the schema's own compiler makes (ocsf-schema-compiler 1.1.1): the same, but for the attributes of the profile
// datetime (*_dt) and of the extensions, which no report of ours names.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2];
const classes = ['compliance_finding', 'detection_finding'];
// Objects whose attributes are facts in the file. Others are named only: a report that begins to use one makes the test say so, and it is added here.
const used = new Set([
  'account', 'actor', 'analytic', 'api', 'attack', 'cloud', 'compliance', 'evidences', 'finding_info', 'metadata', 'network_endpoint', 'object',
  'organization', 'product', 'programmatic_credential', 'related_event', 'remediation', 'request', 'resource_details', 'response', 'service', 'sub_technique', 'tactic', 'technique', 'user',
]);

const read = path => JSON.parse(readFileSync(join(root, path), 'utf8'));
const dictionary = read('dictionary.json');

function load(folder) {
  const found = new Map();
  for (const entry of readdirSync(join(root, folder), { recursive: true })) {
    if (!entry.endsWith('.json')) continue;
    const one = read(join(folder, entry));
    found.set(one.name ?? one.extends, one);
  }
  return found;
}
const objects = load('objects');
const events = load('events');

// The parts that a file includes come first, what it says itself comes over them.
function own(definition) {
  const attributes = {};
  for (const path of [definition.attributes?.$include ?? []].flat()) {
    const part = read(path);
    for (const [name, said] of Object.entries(part.attributes))
      attributes[name] = merge(attributes[name], { ...said, ...(part.meta === 'profile' ? { profile: part.name } : {}) });
  }
  for (const [name, said] of Object.entries(definition.attributes ?? {}))
    if (name !== '$include') attributes[name] = merge(attributes[name], said);
  return attributes;
}

function merge(base = {}, over = {}) {
  const merged = { ...base, ...over };
  if (base.enum || over.enum) merged.enum = { ...base.enum, ...over.enum };
  return merged;
}

function inherited(definition, all) {
  const parent = definition.extends ? inherited(all.get(definition.extends), all) : { attributes: {}, constraints: undefined };
  const attributes = { ...parent.attributes };
  for (const [name, said] of Object.entries(own(definition))) attributes[name] = merge(attributes[name], said);
  return { attributes, constraints: definition.constraints ?? parent.constraints };
}

const reached = new Set();
function compile(definition, all) {
  const { attributes, constraints } = inherited(definition, all);
  const compiled = {};
  for (const name of Object.keys(attributes).sort()) {
    const said = attributes[name];
    const known = dictionary.attributes[name];
    // Attributes of the extensions (windows, linux) are for their own objects.
    if (!known) continue;
    const whole = merge(known, said);
    const fact = { type: whole.type };
    if (objects.has(whole.type)) reached.add(whole.type);
    if (whole.is_array) fact.array = true;
    if (said.requirement && said.requirement !== 'optional') fact.requirement = said.requirement;
    if (said.profile) fact.profile = said.profile;
    if (whole['@deprecated']) fact.deprecated = whole['@deprecated'].since;
    if (whole.enum) {
      fact.enum = Object.fromEntries(Object.entries(whole.enum).map(([value, meant]) => [value, meant.caption]));
      const sibling = whole.sibling ?? (name.endsWith('_id') ? name.slice(0, -3) : undefined);
      if (sibling && attributes[sibling]) fact.sibling = sibling;
    }
    compiled[name] = fact;
  }
  return { ...(constraints ? { constraints } : {}), attributes: compiled };
}

const facts = { source: 'https://github.com/ocsf/ocsf-schema', license: 'Apache-2.0', version: read('version.json').version, classes: {}, objects: {}, named: [], types: {} };
const categories = read('categories.json').attributes;
for (const name of classes) {
  const definition = events.get(name);
  let category = definition.category;
  for (let at = definition; !category; at = events.get(at.extends)) category = events.get(at.extends).category;
  const { attributes, ...rest } = compile(definition, events);
  const uid = categories[category].uid * 1000 + definition.uid;
  // What the schema server adds to each class.
  attributes.class_uid.enum = { [uid]: definition.caption };
  attributes.class_uid.sibling = 'class_name';
  attributes.category_uid.enum = { [categories[category].uid]: categories[category].caption };
  attributes.category_uid.sibling = 'category_name';
  attributes.type_uid.enum = Object.fromEntries(Object.entries(attributes.activity_id.enum).map(([activity, does]) => [uid * 100 + Number(activity), `${definition.caption}: ${does}`]));
  attributes.type_uid.sibling = 'type_name';
  facts.classes[uid] = { name, caption: definition.caption, ...rest, attributes };
}
for (let grew = true; grew;) {
  grew = false;
  for (const name of [...reached].sort()) {
    if (facts.objects[name] || !used.has(name)) continue;
    facts.objects[name] = compile(objects.get(name), objects);
    grew = true;
  }
}
facts.named = [...reached].filter(name => !facts.objects[name]).sort();
for (const unreached of [...used].filter(name => !facts.objects[name])) { console.error(`no class reaches the object ${unreached}`); process.exitCode = 1; }
for (const [name, type] of Object.entries(dictionary.types.attributes))
  facts.types[name] = { ...(type.type ? { base: type.type } : {}), ...(type.regex ? { regex: type.regex } : {}), ...(type.max_len ? { max_len: type.max_len } : {}) };

// One line an attribute: a change of version is read as a difference.
const line = JSON.stringify;
const block = (name, rows) => `${line(name)}: {\n${rows.join(',\n')}\n}`;
const body = ({ attributes, ...rest }) => `{${Object.entries(rest).map(([k, v]) => `${line(k)}: ${line(v)}, `).join('')}"attributes": {\n${Object.entries(attributes).map(([k, v]) => `  ${line(k)}: ${line(v)}`).join(',\n')}\n}}`;
process.stdout.write(`{\n${[
  `"source": ${line(facts.source)}`, `"license": ${line(facts.license)}`, `"version": ${line(facts.version)}`,
  block('classes', Object.entries(facts.classes).map(([k, v]) => `${line(k)}: ${body(v)}`)),
  block('objects', Object.entries(facts.objects).map(([k, v]) => `${line(k)}: ${body(v)}`)),
  `"named": ${line(facts.named)}`,
  block('types', Object.entries(facts.types).map(([k, v]) => `  ${line(k)}: ${line(v)}`)),
].join(',\n')}\n}\n`);
