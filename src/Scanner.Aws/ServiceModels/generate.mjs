// Trims AWS service models to what Scanner reads: one JSON a service that a shipped table reads next to this file, and, in Others/, one a service
// that only tables of users read, in brotli.
//
//   node generate.mjs SOURCE [OUT] [--granted FILE]
//
// Others are written where --granted is given: a JSON list of the actions that AWS's own policies for auditors allow, SecurityAudit and
// ViewOnlyAccess (job function), as AWS publishes them. Node and its brotli may write other bytes for the same text.
//
// SOURCE is either botocore's `data` folder (service/version/service-2.json[.gz]) or the `apis` folder of npm
// `aws-sdk` version 2 (*.min.json). The committed files come from botocore: it is newer, and the minified files of
// `aws-sdk` have lost the names of shapes, which IAM policy documents are known by. Those are good to compare with.
// Only facts of the interface are kept: no documentation, no enumerations, and of the validation only which members of a
// request are required.
import { readFileSync, readdirSync, existsSync, statSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { brotliCompressSync, constants, gunzipSync } from 'node:zlib';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const given = process.argv.slice(2);
const grants = given.indexOf('--granted');
const grantsFile = grants < 0 ? null : given.splice(grants, 2)[1];
const [source, out = here] = given;
if (!source || !existsSync(source) || (grantsFile && !existsSync(grantsFile))) {
  console.error('usage: node generate.mjs SOURCE [OUT] [--granted FILE]   (SOURCE: botocore/data or aws-sdk/apis)');
  process.exit(2);
}

// As the AWS CLI spells them.
const services = `accessanalyzer account acm apigateway apigatewayv2 appsync athena autoscaling backup bedrock bedrock-agentcore-control cloudformation
  cloudfront cloudtrail cloudwatch codebuild config datasync detective dms ds dynamodb ec2 ecr ecs efs eks
  elasticache elasticbeanstalk elb elbv2 es events firehose globalaccelerator glue guardduty iam inspector2 kafka kinesis kms
  lambda logs macie2 mq network-firewall opensearch organizations rds redshift redshift-serverless route53
  route53resolver s3 s3control s3tables sagemaker secretsmanager securityhub securitylake ses sesv2 shield sns sqs ssm sso-admin
  stepfunctions sts transfer vpc-lattice waf waf-regional wafv2`.split(/\s+/);

// What reads: a name that begins so ...
const reads = /^(Get|List|Describe|Lookup|BatchGet|Head|Search)[A-Z]/;
// ... and these, which have no side effect on what is scanned (a report made ready, a query begun), or open a session. One writes, where the user
// asks for it (--send-security-hub): ReadOnlyGuard keeps it from all else.
const also = {
  iam: ['GenerateCredentialReport', 'SimulatePrincipalPolicy'],
  sts: ['AssumeRole', 'AssumeRoleWithWebIdentity'],
  cloudtrail: ['StartQuery', 'CancelQuery'],
  athena: ['StartQueryExecution', 'StopQueryExecution'],
  logs: ['StartQuery', 'StopQuery', 'FilterLogEvents'],
  securityhub: ['BatchImportFindings'],
};
// Of these no more than what tables read: the others hand out what agents, registries and subscribers keep.
const only = {
  'bedrock-agentcore-control': ['ListAgentRuntimes', 'ListGateways', 'ListMemories'],
  globalaccelerator: ['ListAccelerators', 'DescribeAcceleratorAttributes'],
  s3tables: ['ListTableBuckets', 'GetTableBucketLogging'],
  securitylake: ['ListDataLakes', 'ListDataLakeExceptions'],
};
// What hands out secrets, credentials, or the customer's own data is never asked, so it is not even known.
const never = {
  secretsmanager: ['GetSecretValue', 'BatchGetSecretValue', 'GetRandomPassword'],
  ssm: ['GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory', 'GetAccessToken'],
  ec2: ['GetPasswordData', 'GetConsoleOutput', 'GetConsoleScreenshot'],
  sts: ['GetSessionToken', 'GetFederationToken', 'GetWebIdentityToken', 'GetDelegatedAccessToken'],
  s3: ['GetObject', 'GetObjectTorrent', 'HeadObject', 'GetObjectAnnotation', 'ListObjectAnnotations'],
  dynamodb: ['GetItem', 'BatchGetItem', 'SearchVectors'],
  acm: ['GetAcmeExternalAccountBindingCredentials'],
  glue: ['GetDashboardUrl', 'GetSessionEndpoint'],
  ecr: ['GetAuthorizationToken', 'GetDownloadUrlForLayer'],
  kms: ['GetParametersForImport'],
  kinesis: ['GetRecords', 'GetShardIterator'],
  redshift: ['GetClusterCredentials', 'GetClusterCredentialsWithIAM', 'GetIdentityCenterAuthToken'],
  logs: ['GetLogObject'],
  s3control: ['GetDataAccess'],
  appsync: ['ListApiKeys', 'GetGraphqlApiEnvironmentVariables'],
  elasticbeanstalk: ['DescribeConfigurationSettings'],
  'redshift-serverless': ['GetCredentials', 'GetIdentityCenterAuthToken'],
};
// Members of replies that hold secrets, or what people put theirs into. A reply's member that the model does not know is
// not read, so none of them is ever kept. (Of session credentials Scanner lives.)
const secret = {
  member: /^((master_?user|auth|asm|sasl|sslclientkey)?password|sharedsecret|presharedkey|customergatewayconfiguration|userdata|clientsecret)$/i,
  variables: /^((container|environment|exportedEnvironment)?variables|environment|overrideEnvironment|optimizationEnvironment|containerEnvironmentVariables)$/i,
  codebuild: { EnvironmentVariable: ['value'], ExportedEnvironmentVariable: ['value'] },
  stepfunctions: { DescribeStateMachineOutput: ['definition'], DescribeStateMachineForExecutionOutput: ['definition'] },
  ec2: { IpamExternalResourceVerificationToken: ['TokenValue'], GetVpnConnectionDeviceSampleConfigurationResult: ['VpnConnectionDeviceSampleConfiguration'] },
};
// Those that a shipped table names under `secret`: their values are replaced as they are read, and the names must be there for it.
const replaced = { apigateway: { Stage: ['variables'] }, lambda: { EnvironmentResponse: ['Variables'] } };
// Of a service that no shipped table reads, nobody here has read every operation. So it has those that AWS lets auditors call, those that list
// and describe, and those that get what can be listed or how something is set; none that hands out data; and no member that AWS's model calls
// sensitive or whose name is that of a secret.
const other = {
  withData: /(-data|runtime|runtime-v2|-streams|-messaging|-query|-write|-jobs-data)$|^(dynamodbstreams|cloudsearchdomain|cognito-identity|identitystore|inspector-scan|kinesis-video-.*|lex-models|lexv2-runtime|connectparticipant|s3vectors|signin|sso|sso-oidc|workmailmessageflow|finspace-data|neptunedata|bedrock-agentcore|supplychain|apptest|codecatalyst|importexport|sdb)$/,
  settings: /^(Get|BatchGet)\w*(Config|Configurations?|Settings?|Policy|Policies|Status|Logging|Encryption|Attributes|Permissions?|Preferences?|Subscriptions?)$/,
  data: /(Token|Secret|Credential|Password|Key(?!space|words?|Group)|Url|URL|Object|Record|Message|Media|Image|Content|Data(?!base|set|Source|store|lake|Catalog)|Document(?!Classifier)|Transcript|Item|Session|Signed|Thumbnail|Utterance|Log(Events?|Record)|Trace|Sample|Statement|Quer(y|ies)(?!Logging)|Results?|Clip|Frame|Screenshot|Recommendation|Artifact|Report$|Position)/,
  secret: /password|passphrase|passcode|secret(?!s?(arn|manager|id|name|version))|credential(?!s?(arn|provider|type|id))|private_?key|api_?key(?!id|arn|source|required)|access_?key(?!id)|auth\w*token|authorization(?!type|server|config|mode|scope|endpoint|url)|bearer|session_?token|connection_?string|user_?data|license_?key|stream_?key$|webhook_?url|definition$|payload|script$|token$(?<!(list|update|client|request|idempotency|create)_?token)|auth_?key|(app|nwk|gen|sint|senc)_?s?key$|cred$|pin$|(signed|download|upload|artifacts?|log|confirmation|activationpage)_?ur[il]$|mappingtemplate/i,
  // Maps and lists in which people keep what they like, passwords too.
  open: /env(ironment)?_?(var(iable)?s)?$|variables|headers?$|arguments$|args$|command$|properties$|parameters$|attributes$|options$|secrets?$/i,
  token: /^(next|page|nextpage|pagination|continuation)_?(token|marker)$|^marker$/i,
};
const granted = grantsFile ? JSON.parse(readFileSync(grantsFile)).map(action => new RegExp(`^${action.replace(/[*?]/g, wild => wild === '*' ? '.*' : '.')}$`, 'i')) : [];
const singular = name => name.replace(/ies$/, 'y').replace(/(ss|x|ch|sh)es$/, '$1').replace(/s$/, '');
function isReadOfOther(service, model, name) {
  if (!reads.test(name)) return false;
  const action = `${model.metadata.signingName ?? model.metadata.endpointPrefix}:${name}`;
  if (granted.some(grant => grant.test(action))) return !other.data.test(name.replace(/^\w+?(?=[A-Z])/, ''));
  const noun = name.match(/^(?:Get|Describe|List|BatchGet|Search)(\w+)$/)?.[1];
  if (!noun || other.data.test(noun)) return false;
  return /^(List|Describe)/.test(name) || other.settings.test(name)
    || (/^Get/.test(name) && Object.keys(model.operations).some(list => list.startsWith('List') && singular(list.slice(4)) === noun));
}
// Text, bytes, or what holds them.
function isText(model, target, depth = 0) {
  const { type, member, value } = model.shapes[target];
  return type === 'string' || type === 'blob' || (depth < 3 && Boolean(member ?? value) && isText(model, (member ?? value).shape, depth + 1));
}
// Texts by names of the user's own: a map, or a list of pairs or of texts.
function isOpen(model, target) {
  const { type, member, value } = model.shapes[target];
  if (type === 'map') return isText(model, value.shape);
  const pair = type === 'list' && model.shapes[member.shape];
  return pair && (pair.type === 'string' || Object.keys(pair.members ?? {}).some(name => /^value$/i.test(name)));
}
function isSensitive(model, target, depth = 0) {
  const { sensitive, member, value, document, type } = model.shapes[target];
  return sensitive || document || type === 'blob' || (depth < 3 && Boolean(member ?? value) && isSensitive(model, (member ?? value).shape, depth + 1));
}
function isSecret(service, model, name, member, target) {
  if (!services.includes(service) && !other.token.test(member)
    && (isSensitive(model, target) || (other.secret.test(member) && isText(model, target)) || (other.open.test(member) && isOpen(model, target)))) return true;
  if (service === 'sts' || replaced[service]?.[name]?.includes(member)) return false;
  if (secret[service]?.[name]?.includes(member)) return true;
  const { type, members } = model.shapes[target];
  if (secret.member.test(member)) return type === 'string' || Object.keys(members ?? {}).join() === 'Value';
  return secret.variables.test(member) && (type === 'map' || (type === 'list' && member === 'environment'));
}
// Maps of which only these keys are read. In JSON a map is written as a structure is.
const narrowed = {
  glue: {
    ConnectionProperties: ['CONNECTION_URL', 'JDBC_ENFORCE_SSL', 'KAFKA_SSL_ENABLED', 'SECRET_ID', 'SKIP_CUSTOM_JDBC_CERT_VALIDATION'],
    GenericMap: ['--continuous-log-logGroup', '--enable-continuous-cloudwatch-log', '--enable-continuous-log-filter', '--enable-metrics', '--enable-observability-metrics', '--enable-spark-ui', '--spark-event-logs-path'],
  },
};
// What AWS's SDK for JavaScript (npm @aws-sdk/client-*, 3.1169.0 of November 2026) knows and botocore 1.43.67 does not yet: members of shapes,
// and the shapes that they need. `current.mjs` says what to add here; a line goes when botocore has it.
const newer = {
  logs: { LogGroup: { members: { retentionPolicyName: { shape: 'PolicyName' } } } },
  'redshift-serverless': {
    Namespace: { members: { s3TablePublishStatus: { shape: 'S3TablePublishStatus' } } },
    S3TablePublishStatus: {
      type: 'structure',
      members: {
        s3Tables: { shape: 'S3TableNames' }, s3TableNamespace: { shape: 'String' }, s3TableGranularity: { shape: 'String' },
        enabledAll: { shape: 'Boolean' }, lastIngestionTimes: { shape: 'S3TableIngestionTimes' },
      },
    },
    S3TableNames: { type: 'list', member: { shape: 'String' } },
    S3TableIngestionTimes: { type: 'map', key: { shape: 'String' }, value: { shape: 'String' } },
  },
  redshift: {
    LoggingStatus: { members: { S3Tables: { shape: 'S3TablePublishStatus' } } },
    S3TablePublishStatus: {
      type: 'structure',
      members: {
        S3Tables: { shape: 'LogTypeList' }, S3TableNamespace: { shape: 'String' }, S3TableGranularity: { shape: 'String' },
        EnabledAll: { shape: 'BooleanOptional' }, LastIngestionTimes: { shape: 'S3TableIngestionTimes' },
      },
    },
    S3TableIngestionTimes: { type: 'map', key: { shape: 'String' }, value: { shape: 'String' } },
  },
};
// Whole operations that botocore 1.43.67 does not have, by AWS's API reference.
const newerOperations = {
  // AmazonS3/latest/API/API_s3Buckets_GetTableBucketLogging.html
  s3tables: {
    operations: {
      GetTableBucketLogging: { http: { method: 'GET', requestUri: '/buckets/{tableBucketARN}/logging' }, input: { shape: 'GetTableBucketLoggingRequest' }, output: { shape: 'GetTableBucketLoggingResponse' } },
    },
    shapes: {
      GetTableBucketLoggingRequest: { type: 'structure', required: ['tableBucketARN'], members: { tableBucketARN: { shape: 'TableBucketARN', location: 'uri', locationName: 'tableBucketARN' } } },
      GetTableBucketLoggingResponse: { type: 'structure', members: { tableBucketLoggingStatus: { shape: 'TableBucketLoggingStatus' } } },
      TableBucketLoggingStatus: { type: 'structure', members: { loggingEnabled: { shape: 'TableBucketLoggingEnabled' } } },
      TableBucketLoggingEnabled: { type: 'structure', members: { targetBucket: { shape: 'String' }, targetPrefix: { shape: 'String' } } },
    },
  },
};
const protocols = ['json', 'rest-json', 'query', 'ec2', 'rest-xml'];
// Newer protocols of a service that still speaks an older one.
const preferred = { cloudwatch: 'query' };

// `aws-sdk` names a few files by endpoint and not by the CLI's word.
const v2Names = {
  cloudwatch: 'monitoring', elb: 'elasticloadbalancing', elbv2: 'elasticloadbalancingv2', efs: 'elasticfilesystem', ses: 'email',
  stepfunctions: 'states', sso_admin: 'sso-admin', ecr: 'ecr', events: 'eventbridge', config: 'config',
};

function read(path) {
  const bytes = readFileSync(path);
  return JSON.parse(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

// aws-sdk's minified form: shapes that are used once stand where they are used, text is the type that is not said, and
// POST to / the request.
function expand(minified) {
  const shapes = {};
  let next = 0;
  const use = part => {
    const kept = pick(part, [...refKeys, 'xmlNamespace', 'resultWrapper']);
    if (kept.shape) return kept;
    kept.shape = `Inline${next++}`;
    define(kept.shape, part);
    return kept;
  };
  const define = (name, part) => {
    const s = shapes[name] = { ...part, type: part.type ?? (part.members ? 'structure' : 'string') };
    if (s.type === 'structure') s.members = Object.fromEntries(Object.entries(s.members ?? {}).map(([n, m]) => [n, use(m)]));
    for (const p of ['member', 'key', 'value']) if (s[p]) s[p] = use(s[p]);
    if (s.type === 'list') s.member ??= use({});
    if (s.type === 'map') { s.key ??= use({}); s.value ??= use({}); }
  };
  for (const [name, part] of Object.entries(minified.shapes ?? {})) define(name, part);
  const operations = Object.fromEntries(Object.entries(minified.operations).map(([name, op]) => [name, {
    ...op,
    http: { method: op.http?.method ?? 'POST', requestUri: op.http?.requestUri ?? '/' },
    ...(op.input && { input: use(op.input) }),
    ...(op.output && { output: use(op.output) }),
  }]));
  return { ...minified, operations, shapes };
}

function withNewer(service, model) {
  for (const [name, part] of Object.entries(newer[service] ?? {})) {
    const known = model.shapes[name] ??= { ...part, members: part.members && {} };
    for (const [member, r] of Object.entries(part.members ?? {})) known.members[member] ??= r;
  }
  const { operations = {}, shapes = {} } = newerOperations[service] ?? {};
  for (const [name, operation] of Object.entries(operations)) model.operations[name] ??= operation;
  for (const [name, shape] of Object.entries(shapes)) model.shapes[name] ??= shape;
  return model;
}

function load(service) {
  const folder = join(source, service);
  if (existsSync(folder)) {
    const version = readdirSync(folder).sort().at(-1);
    const file = ['service-2.json.gz', 'service-2.json'].map(n => join(folder, version, n)).find(existsSync);
    const pages = join(folder, version, 'paginators-1.json');
    return { model: withNewer(service, read(file)), paginators: existsSync(pages) ? read(pages).pagination : {} };
  }
  const name = v2Names[service] ?? service;
  const files = readdirSync(source).filter(f => new RegExp(`^${name}-\\d{4}-\\d{2}-\\d{2}\\.min\\.json$`).test(f)).sort();
  if (files.length === 0) return null;
  const pages = join(source, files.at(-1).replace('.min.', '.paginators.'));
  return { model: expand(read(join(source, files.at(-1)))), paginators: existsSync(pages) ? read(pages).pagination : {} };
}

const refKeys = ['shape', 'location', 'locationName', 'queryName', 'flattened', 'xmlAttribute', 'timestampFormat', 'hostLabel', 'streaming'];
const pick = (from, keys) => Object.fromEntries(keys.filter(k => from[k] !== undefined && from[k] !== false).map(k => [k, from[k]]));

function ref(r) {
  const kept = pick(r, refKeys);
  if (r.xmlNamespace) kept.xmlNamespace = typeof r.xmlNamespace === 'string' ? r.xmlNamespace : r.xmlNamespace.uri;
  return kept;
}

function shape(service, model, name, isInput, isOutput) {
  const s = model.shapes[name];
  const keys = narrowed[service]?.[name];
  if (keys) return { type: 'structure', members: Object.fromEntries(keys.map(k => [k, ref(s.value)])) };
  const kept = pick(s, ['type', 'payload', 'flattened', 'timestampFormat', 'locationName', 'document', 'eventstream', 'wrapper']);
  const read = ([n, r]) => !isOutput || !isSecret(service, model, name, n, r.shape);
  if (s.members) kept.members = Object.fromEntries(Object.entries(s.members).filter(read).map(([n, r]) => [n, ref(r)]));
  for (const part of ['member', 'key', 'value']) if (s[part]) kept[part] = ref(s[part]);
  if (isInput && s.required?.length) kept.required = [...s.required].sort();
  return kept;
}

// Paginators that botocore does not have. A reply's token member that the request takes is a page to follow; what the
// pages bring are the lists (or maps) next to it. Nested: CloudFront's `XList: {NextMarker, IsTruncated, Items}`.
const tokens = [
  ['NextToken', 'NextToken'], ['nextToken', 'nextToken'], ['NextMarker', 'NextMarker'], ['NextMarker', 'Marker'], ['Marker', 'Marker'],
  ['NextPageToken', 'PageToken'], ['nextPageToken', 'pageToken'], ['position', 'position'], ['PaginationToken', 'PaginationToken'],
  ['NextMarker', 'Marker'], ['nextMarker', 'marker'], ['marker', 'marker'], ['NextPageMarker', 'Marker'], ['LastEvaluatedTableName', 'ExclusiveStartTableName'],
  ['LastEvaluatedBackupArn', 'ExclusiveStartBackupArn'], ['nextToken', 'NextToken'], ['NextToken', 'nextToken'],
];
function derive(model, op) {
  if (!op.input || !op.output) return null;
  const input = model.shapes[op.input.shape].members ?? {};
  const find = (members, prefix) => {
    for (const [given, asked] of tokens) {
      if (!members[given] || !input[asked] || model.shapes[members[given].shape].type !== 'string') continue;
      const results = Object.entries(members).filter(([, r]) => ['list', 'map'].includes(model.shapes[r.shape].type)).map(([n]) => prefix + n);
      if (results.length === 0) return null;
      const page = { input_token: asked, output_token: prefix + given, result_key: results.length === 1 ? results[0] : results };
      if (members.IsTruncated) page.more_results = prefix + 'IsTruncated';
      return page;
    }
    return null;
  };
  const output = model.shapes[op.output.shape].members ?? {};
  const direct = find(output, '');
  if (direct) return direct;
  for (const [name, r] of Object.entries(output)) {
    const inner = model.shapes[r.shape];
    if (inner.type === 'structure' && inner.members) {
      const nested = find(inner.members, name + '.');
      if (nested) return nested;
    }
  }
  return null;
}

// The trimmed model as text; null where nothing is left of it.
function trim(service, { model, paginators }, isRead) {
  const m = model.metadata;
  const protocol = preferred[service] ?? (m.protocols ?? [m.protocol]).find(p => protocols.includes(p));
  if (!protocol) return null;
  const metadata = {
    service, protocol,
    ...pick(m, ['apiVersion', 'jsonVersion', 'targetPrefix', 'endpointPrefix', 'signingName', 'serviceId']),
  };
  if (protocol === 'json' && m.awsQueryCompatible) metadata.queryCompatible = true;
  if (m.xmlNamespace) metadata.xmlNamespace = m.xmlNamespace.uri ?? m.xmlNamespace;

  const operations = {}, shapes = {}, pagination = {};
  const streams = name => {
    const s = model.shapes[name];
    return Object.values(s.members ?? {}).some(r => r.eventstream || model.shapes[r.shape].eventstream);
  };
  const inputs = new Set(), outputs = new Set();
  const reach = (name, isInput) => {
    const reached = isInput ? inputs : outputs;
    if (reached.has(name)) return;
    reached.add(name);
    const s = shapes[name] = shape(service, model, name, inputs.has(name), outputs.has(name));
    for (const r of [...Object.values(s.members ?? {}), s.member, s.key, s.value]) if (r) reach(r.shape, isInput);
  };
  for (const [name, op] of Object.entries(model.operations)) {
    if (!isRead(name, op) || (op.output && streams(op.output.shape))) continue;
    const kept = operations[name] = { http: pick(op.http, ['method', 'requestUri']) };
    if (op.input) kept.input = ref(op.input);
    if (op.output) kept.output = ref(op.output);
    if (op.output?.resultWrapper) kept.resultWrapper = op.output.resultWrapper;
    if (op.endpoint?.hostPrefix) kept.hostPrefix = op.endpoint.hostPrefix;
    if (op.authtype === 'none' || op.auth?.[0] === 'smithy.api#noAuth') kept.unsigned = true;
    if (op.httpChecksumRequired || op.httpChecksum?.requestChecksumRequired) kept.checksum = true;
    if (op.input) reach(op.input.shape, true);
    if (op.output) reach(op.output.shape, false);
    const page = paginators[name]?.result_key ? paginators[name] : derive(model, op) ?? paginators[name];
    if (page && page.input_token && page.output_token && page.result_key)
      pagination[name] = pick(page, ['input_token', 'output_token', 'more_results', 'result_key']);
  }
  // Where what the pages bring is not read, nothing is left to ask for.
  const isThere = (name, path) => {
    let at = operations[name].output.shape;
    return path.split('.').every(part => (at = shapes[at]?.members?.[part.replace(/\[.*/, '')]?.shape) !== undefined);
  };
  for (const [name, page] of Object.entries(pagination)) {
    const results = [page.result_key].flat().filter(path => isThere(name, path));
    if (results.length === [page.result_key].flat().length) continue;
    delete pagination[name];
    if (results.length === 0) delete operations[name];
    else pagination[name] = { ...page, result_key: results.length === 1 ? results[0] : results };
  }
  const lines = (o, indent) => Object.keys(o).sort().map(k => `${indent}${JSON.stringify(k)}:${JSON.stringify(o[k])}`).join(',\n');
  return Object.keys(operations).length === 0 ? null : `{\n"metadata":${JSON.stringify(metadata)},\n"operations":{\n${lines(operations, '')}\n},\n"pagination":{\n${lines(pagination, '')}\n},\n"shapes":{\n${lines(shapes, '')}\n}\n}\n`;
}

mkdirSync(out, { recursive: true });
const written = new Map(); // Endpoint prefixes by service.
let total = 0;
for (const service of services) {
  const loaded = load(service);
  if (!loaded) { console.error(`${service}: not in ${source}`); continue; }
  const text = trim(service, loaded, name =>
    (reads.test(name) || also[service]?.includes(name)) && !never[service]?.includes(name) && only[service]?.includes(name) !== false);
  total += text.length;
  written.set(service, loaded.model.metadata.endpointPrefix);
  writeFileSync(join(out, `${service}.json`), text);
}

if (grantsFile) {
  const folder = join(out, 'Others');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  let plain = 0, packed = 0;
  for (const service of readdirSync(source).filter(name => statSync(join(source, name)).isDirectory() && !services.includes(name) && !other.withData.test(name)).sort()) {
    const loaded = load(service);
    const payload = op => op.output && model.shapes[op.output.shape].payload;
    const { model } = loaded;
    const blob = op => { const body = payload(op); return body && model.shapes[model.shapes[op.output.shape].members[body].shape].type === 'blob'; };
    const text = trim(service, loaded, (name, op) => isReadOfOther(service, model, name) && !blob(op));
    if (!text) { console.error(`${service}: nothing of it is read`); continue; }
    const bytes = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
    written.set(service, model.metadata.endpointPrefix);
    plain += text.length;
    packed += bytes.length;
    writeFileSync(join(folder, `${service}.json.br`), bytes);
  }
  console.log(`${written.size - services.length} other services, ${(plain / 1048576).toFixed(2)} MiB, ${(packed / 1048576).toFixed(2)} MiB packed`);
}


// Where services are: partitions, and the hosts that do not follow {prefix}.{region}.{suffix}. Only botocore has them.
// endpoints.json lags behind the rule sets of each service here (found by comparing all services and regions).
const corrections = {
  // The only region of its API: global-accelerator/latest/dg/introduction-components.html, "specify the US West (Oregon) Region".
  aws: { globalaccelerator: { '*': ['globalaccelerator.us-west-2.amazonaws.com', 'us-west-2'] } },
  'aws-us-gov': {
    account: { '*': ['account.us-gov-west-1.amazonaws.com', 'us-gov-west-1'] },
    cloudfront: { '*': ['cloudfront.amazonaws.com', 'us-gov-west-1'] },
  },
  'aws-eusc': {
    cloudfront: { '*': ['cloudfront.amazonaws.eu', 'eusc-de-east-1'] },
    route53: { '*': ['route53.amazonaws.eu', 'eusc-de-east-1'] },
  },
};
// Of the others endpoints.json lags much more, so their rules themselves are asked, as botocore does (botocore/endpoint_provider.py): what comes out
// of {prefix}.{region}.{suffix}, as "*" where one pattern does for the whole partition. Null where nothing does.
function ruled(service, partition, regions, outputs) {
  const folder = join(source, service), version = readdirSync(folder).sort().at(-1);
  const file = ['endpoint-rule-set-1.json.gz', 'endpoint-rule-set-1.json'].map(name => join(folder, version, name)).find(existsSync);
  if (!file) return null;
  const { rules } = read(file);
  const prefix = written.get(service);
  const found = regions.map(region => {
    const endpoint = ask(rules, { Region: region, UseFIPS: false, UseDualStack: false, UseGlobalEndpoint: false, ApiType: 'ControlPlane' }, { ...outputs, name: partition });
    return endpoint && [endpoint.url.replace(/^https:\/\//, '').replace(/\/$/, '').replaceAll(region, '{region}'), (endpoint.signingRegion ?? region).replace(region, '{region}')];
  });
  if (found.every(one => !one || (one[0] === `${prefix}.{region}.${outputs.dnsSuffix}` && one[1] === '{region}'))) return null;
  const first = found.find(one => one);
  // A home region's own host is the same text as the pattern of all: spelled out, it is the others' too.
  const plain = found.map((one, i) => one?.map(text => text.replaceAll('{region}', regions[i])));
  const same = list => list.every(one => !one || one.join() === list.find(other => other).join());
  if (same(found)) return { '*': first };
  if (same(plain)) return { '*': plain.find(one => one) };
  return Object.fromEntries(plain.map((one, i) => [regions[i], one]).filter(([, one]) => one));
}
function ask(rules, parameters, partition) {
  const text = (template, scope) => template.replace(/\{(\w+)(?:#(\w+))?\}/g, (_, name, part) => part ? scope[name][part] : scope[name]);
  const value = (argument, scope) =>
    typeof argument === 'string' ? text(argument, scope) : argument?.ref !== undefined ? scope[argument.ref] : argument?.fn !== undefined ? call(argument, scope) : argument;
  const functions = {
    isSet: one => one !== undefined && one !== null, not: one => !one, booleanEquals: (a, b) => a === b, stringEquals: (a, b) => a === b,
    'aws.partition': () => partition, getAttr: (from, path) => from?.[path], isValidHostLabel: label => /^[\w-]{1,63}$/.test(label ?? ''),
  };
  const call = ({ fn, argv }, scope) => {
    if (!functions[fn]) throw new Error(`endpoint rules of a kind that is not known: ${fn}`);
    return functions[fn](...argv.map(argument => value(argument, scope)));
  };
  const walk = (list, outer) => {
    for (const rule of list) {
      const scope = { ...outer };
      const holds = (rule.conditions ?? []).every(condition => {
        const result = call(condition, scope);
        if (condition.assign) scope[condition.assign] = result;
        return result !== undefined && result !== null && result !== false;
      });
      if (!holds) continue;
      if (rule.type === 'tree') return walk(rule.rules, scope);
      if (rule.type === 'error') return null;
      const signing = rule.endpoint.properties?.authSchemes?.[0]?.signingRegion;
      return { url: value(rule.endpoint.url, scope), signingRegion: signing && text(signing, scope) };
    }
    return null;
  };
  return walk(rules, parameters);
}
const endpointsFile = join(source, 'endpoints.json');
if (existsSync(endpointsFile)) {
  const optIn = read(join(source, 'partitions.json')).partitions;
  const partitions = [];
  for (const p of read(endpointsFile).partitions) {
    if (!['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'].includes(p.partition)) continue;
    const newer = optIn.find(o => o.id === p.partition);
    const regions = Object.keys(newer.regions).filter(r => !r.includes('global')).sort();
    const entry = { id: p.partition, suffix: newer.outputs.dnsSuffix, home: newer.outputs.implicitGlobalRegion, regex: newer.regionRegex, regions, hosts: {} };
    for (const service of services) {
      const prefix = written.get(service);
      if (!prefix) continue;
      const known = p.services[prefix];
      if (!known) continue;
      const fixed = known.isRegionalized === false ? known.endpoints[known.partitionEndpoint] : null;
      if (fixed?.hostname) {
        entry.hosts[prefix] = { '*': [fixed.hostname, fixed.credentialScope?.region ?? entry.home] };
        continue;
      }
      const special = {};
      for (const [region, e] of Object.entries(known.endpoints ?? {})) {
        if (!regions.includes(region)) continue;
        const host = e.hostname ?? known.defaults?.hostname;
        if (!host || host.includes('-fips')) continue;
        const full = host.replace('{service}', prefix).replace('{region}', region).replace('{dnsSuffix}', entry.suffix);
        if (full !== `${prefix}.${region}.${entry.suffix}`) special[region] = [full, e.credentialScope?.region ?? region];
      }
      if (Object.keys(special).length) entry.hosts[prefix] = special;
    }
    Object.assign(entry.hosts, corrections[p.partition]);
    for (const service of [...written.keys()].filter(name => !services.includes(name))) {
      const hosts = ruled(service, p.partition, regions, newer.outputs);
      if (hosts) entry.hosts[written.get(service)] ??= hosts;
    }
    partitions.push(entry);
  }
  writeFileSync(join(out, 'endpoints.json'), JSON.stringify({ partitions }, null, 1) + '\n');
}
console.log(`${services.length} services, ${(total / 1048576).toFixed(2)} MiB`);
