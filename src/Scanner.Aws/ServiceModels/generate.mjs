// Trims AWS service models to what Scanner reads and writes one JSON a service next to this file.
//
//   node generate.mjs SOURCE [OUT]
//
// SOURCE is either botocore's `data` folder (service/version/service-2.json[.gz]) or the `apis` folder of npm
// `aws-sdk` version 2 (*.min.json). The committed files come from botocore: it is newer, and the minified files of
// `aws-sdk` have lost the names of shapes, which IAM policy documents are known by. Those are good to compare with.
// Only facts of the interface are kept: no documentation, no enumerations, and of the validation only which members of a
// request are required.
import { readFileSync, readdirSync, existsSync, writeFileSync, mkdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [source, out = here] = process.argv.slice(2);
if (!source || !existsSync(source)) {
  console.error('usage: node generate.mjs SOURCE [OUT]   (SOURCE: botocore/data or aws-sdk/apis)');
  process.exit(2);
}

// As the AWS CLI spells them.
const services = `accessanalyzer account acm apigateway apigatewayv2 appsync athena autoscaling backup bedrock bedrock-agentcore-control cloudformation
  cloudfront cloudtrail cloudwatch codebuild config datasync detective dms ds dynamodb ec2 ecr ecs efs eks
  elasticache elasticbeanstalk elb elbv2 es events firehose globalaccelerator glue guardduty iam inspector2 kafka kinesis kms
  lambda logs macie2 mq network-firewall opensearch organizations rds redshift redshift-serverless route53
  route53resolver s3 s3control s3tables sagemaker secretsmanager securityhub securitylake ses sesv2 shield sns sqs ssm sso-admin
  stepfunctions sts transfer waf waf-regional wafv2`.split(/\s+/);

// What reads: a name that begins so ...
const reads = /^(Get|List|Describe|Lookup|BatchGet|Head|Search)[A-Z]/;
// ... and these, which have no side effect on what is scanned (a report made ready, a query begun), or open a session.
const also = {
  iam: ['GenerateCredentialReport', 'SimulatePrincipalPolicy'],
  sts: ['AssumeRole', 'AssumeRoleWithWebIdentity'],
  cloudtrail: ['StartQuery', 'CancelQuery'],
  athena: ['StartQueryExecution', 'StopQueryExecution'],
  logs: ['StartQuery', 'StopQuery', 'FilterLogEvents'],
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
function isSecret(service, model, name, member, target) {
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

function shape(service, model, name, isInput) {
  const s = model.shapes[name];
  const keys = narrowed[service]?.[name];
  if (keys) return { type: 'structure', members: Object.fromEntries(keys.map(k => [k, ref(s.value)])) };
  const kept = pick(s, ['type', 'payload', 'flattened', 'timestampFormat', 'locationName', 'document', 'eventstream', 'wrapper']);
  const read = ([n, r]) => isInput || !isSecret(service, model, name, n, r.shape);
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

mkdirSync(out, { recursive: true });
let total = 0;
for (const service of services) {
  const loaded = load(service);
  if (!loaded) { console.error(`${service}: not in ${source}`); continue; }
  const { model, paginators } = loaded;
  const m = model.metadata;
  const protocol = preferred[service] ?? (m.protocols ?? [m.protocol]).find(p => protocols.includes(p)) ?? m.protocol;
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
  const inputs = new Set();
  const reach = (name, isInput) => {
    if (isInput ? inputs.has(name) : shapes[name]) return;
    if (isInput) inputs.add(name);
    const s = shapes[name] = shape(service, model, name, inputs.has(name));
    for (const r of [...Object.values(s.members ?? {}), s.member, s.key, s.value]) if (r) reach(r.shape, isInput);
  };
  for (const [name, op] of Object.entries(model.operations)) {
    if (!(reads.test(name) || also[service]?.includes(name)) || never[service]?.includes(name) || only[service]?.includes(name) === false) continue;
    if (op.output && streams(op.output.shape)) continue;
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
  const lines = (o, indent) => Object.keys(o).sort().map(k => `${indent}${JSON.stringify(k)}:${JSON.stringify(o[k])}`).join(',\n');
  const text = `{\n"metadata":${JSON.stringify(metadata)},\n"operations":{\n${lines(operations, '')}\n},\n"pagination":{\n${lines(pagination, '')}\n},\n"shapes":{\n${lines(shapes, '')}\n}\n}\n`;
  total += text.length;
  writeFileSync(join(out, `${service}.json`), text);
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
      const path = join(out, `${service}.json`);
      if (!existsSync(path)) continue;
      const prefix = read(path).metadata.endpointPrefix;
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
    partitions.push(entry);
  }
  writeFileSync(join(out, 'endpoints.json'), JSON.stringify({ partitions }, null, 1) + '\n');
}
console.log(`${services.length} services, ${(total / 1048576).toFixed(2)} MiB`);
