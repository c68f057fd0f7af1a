// A stand-in for Terraform's AWS provider, which no registry serves here: it answers with the schema that the typings of
// @cdktn/provider-aws describe (they are generated from the real provider's), and with nothing else. So `terraform validate`
// and `terraform test` with mock_provider judge our modules by the provider's own names and types.
//
// usage: node terraform-provider.mjs NODE_MODULES TERRAFORM DIR ARGUMENT...
//        runs TERRAFORM -chdir=DIR ARGUMENT... with this provider, and exits with its code
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules, terraform, dir, ...args] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), 'x.js'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const library = join(modules, '@cdktn/provider-aws/lib');

const simple = { string: 'string', number: 'number', boolean: 'bool', any: 'dynamic', stringList: 'string', numberList: 'number', booleanList: 'bool', stringMap: 'string', numberMap: 'number', booleanMap: 'bool' };
const getters = {
  String: 'string', Number: 'number', Boolean: 'bool', List: ['list', 'string'], NumberList: ['list', 'number'],
  StringMap: ['map', 'string'], NumberMap: ['map', 'number'], BooleanMap: ['map', 'bool'], AnyMap: ['map', 'dynamic'],
};

/** The classes of one generated file: for each, its attributes with kind, flags and, where there is one, the class of what is nested. */
function classes(file) {
  const text = readFileSync(file, 'utf8');
  // What a configuration may hold: name -> { isBlock, type, storage }, by the function or class that writes it.
  const written = new Map();
  for (const [, name, body] of text.matchAll(/(?:function (\w+)ToHclTerraform\(struct\)|synthesizeHclAttributes\(\)) \{([\s\S]*?)\/\/ remove undefined attributes/g)) {
    const members = new Map();
    for (const [, member, isBlock, type, storage] of body.matchAll(/^\s+(\w+): \{\n\s+value: .*\n\s+isBlock: (\w+),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)",/gm))
      members.set(member, { isBlock: isBlock === 'true', type, storage });
    written.set(name ? name[0].toUpperCase() + name.slice(1) : '', members);
  }
  const found = new Map();
  for (const [, name, base, body] of text.matchAll(/^(?:export )?class (\w+) extends cdktn\.(\w+) \{([\s\S]*?)^\}/gm)) {
    const top = base.startsWith('Terraform');
    const members = written.get(top ? '' : name.replace(/OutputReference$/, '')) ?? new Map();
    const nested = new Map([...body.matchAll(/_(\w+) = new (\w+)\(this, "(\w+)"(?:, (\w+))?\)/g)].map(m => [m[3], { type: m[2], set: m[4] === 'true' }]));
    const attributes = [];
    for (const [, attribute, computed, optional, required, code] of body.matchAll(/\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)[\s\S]*?get \w+\(\) \{([\s\S]*?)\n    \}/g)) {
      const getter = code.match(/this\.get(\w+)Attribute\(/)?.[1];
      attributes.push({ name: attribute, computed: computed === 'true', optional: optional === 'true', required: required === 'true', getter, set: /Fn\.tolist/.test(code), member: members.get(attribute), nested: nested.get(attribute) });
    }
    found.set(name, { top, attributes });
  }
  return found;
}

/** The class of one element of what a nested class holds. */
const element = (all, name) => all.get(name.replace(/(List|Map)$/, 'OutputReference')) ?? all.get(name + 'OutputReference') ?? all.get(name);

/** cty's type of an attribute, in Terraform's JSON form. */
function type(all, attribute) {
  if (attribute.nested) {
    const held = element(all, attribute.nested.type);
    const object = ['object', Object.fromEntries((held?.attributes ?? []).map(a => [a.name, type(all, a)]))];
    return attribute.member?.type === 'struct' || /OutputReference$/.test(attribute.nested.type) ? object : [attribute.nested.set || attribute.member?.type === 'set' ? 'set' : 'list', object];
  }
  if (attribute.member) {
    const { type: kind, storage } = attribute.member;
    return kind === 'simple' ? simple[storage] ?? 'dynamic' : [kind, simple[storage] ?? 'dynamic'];
  }
  const read = getters[attribute.getter] ?? 'dynamic';
  return attribute.set && Array.isArray(read) ? ['set', read[1]] : read;
}

function block(all, { attributes }) {
  const result = { attributes: [], block_types: [] };
  for (const attribute of attributes) {
    if (attribute.member?.isBlock) {
      const nesting = { list: 'LIST', set: 'SET', struct: 'SINGLE' }[attribute.member.type];
      result.block_types.push({ type_name: attribute.name, nesting, block: block(all, element(all, attribute.nested.type)) });
    } else {
      const { name, computed, optional, required } = attribute;
      result.attributes.push({ name, computed, optional, required, type: Buffer.from(JSON.stringify(type(all, attribute))) });
    }
  }
  return result;
}

function schema(kind, name) {
  const folder = name === 'provider' ? 'provider' : (kind === 'data' ? 'data-aws-' : '') + name.replace(/^aws_/, '').replaceAll('_', '-');
  const file = join(library, folder, 'index.js');
  if (!existsSync(file)) return null;
  const all = classes(file);
  return { version: 0, block: block(all, [...all.values()].find(c => c.top)) };
}

/** Every resource and data source that a folder of modules names. */
function* named(folder) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) { if (!entry.startsWith('.')) yield* named(path); continue; }
    if (!/\.(tf|tftest\.hcl)$/.test(entry)) continue;
    for (const [, kind, name] of readFileSync(path, 'utf8').matchAll(/\b(resource|data|mock_resource|mock_data) "(aws_\w+)"/g)) yield [kind.replace('mock_', ''), name];
  }
}

const answer = { provider: { version: 0, block: { attributes: [{ name: 'region', optional: true, type: Buffer.from('"string"') }] } }, resource_schemas: {}, data_source_schemas: {} };
let root = resolve(dir);
while (!existsSync(join(root, 'policy')) && dirname(root) !== root) root = dirname(root);
for (const [kind, name] of named(existsSync(join(root, 'policy')) ? root : resolve(dir))) {
  const found = schema(kind, name);
  if (found) answer[kind === 'data' ? 'data_source_schemas' : 'resource_schemas'][name] = found;
}

const definition = grpc.loadPackageDefinition(loader.loadSync(join(dirname(fileURLToPath(import.meta.url)), 'tfplugin5.proto'), { keepCase: true, enums: String })).tfplugin5;
const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
server.addService(definition.Provider.service, {
  GetSchema: (_, reply) => reply(null, answer),
  PrepareProviderConfig: (call, reply) => reply(null, { config: call.request.config }),
  ValidateResourceTypeConfig: (_, reply) => reply(null, {}),
  ValidateDataSourceConfig: (_, reply) => reply(null, {}),
  Stop: (_, reply) => reply(null, {}),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) { console.error(String(error)); process.exit(2); }
  const reattach = { 'registry.terraform.io/hashicorp/aws': { Protocol: 'grpc', ProtocolVersion: 5, Pid: process.pid, Test: true, Addr: { Network: 'tcp', String: `127.0.0.1:${port}` } } };
  const child = spawn(terraform, [`-chdir=${dir}`, ...args], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TF_REATTACH_PROVIDERS: JSON.stringify(reattach), CHECKPOINT_DISABLE: '1' } });
  child.on('error', e => { console.error(String(e)); process.exit(2); });
  child.on('exit', (code, signal) => process.exit(signal ? 2 : code));
});
