// kafkajs does what its users do, and says where the broker's answers are not the expected ones. Run beside its node_modules with
// "node kafkajs-answers.js HOST:PORT"; ends with the line "all as expected", or with a stack trace and code 1.
const assert = require('node:assert/strict');
const { CompressionTypes, ConfigResourceTypes, Kafka, PartitionAssigners, logLevel } = require('kafkajs');

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
const kafka = new Kafka({ clientId: 'answers', brokers: [process.argv[2]], logLevel: logLevel.NOTHING });
const admin = kafka.admin();
const RECORDS = 1000;
const numbers = count => Array.from({ length: count }, (_, i) => `v${i}`);
const messages = (from, to) => numbers(to).slice(from).map((value, i) => ({ key: `k${from + i}`, value, headers: { at: `${from + i}` } }));

async function topics() {
  assert.equal(await admin.createTopics({ topics: [{ topic: 'words', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }] }] }), true);
  assert.equal(await admin.createTopics({ topics: [{ topic: 'words' }] }), false);
  await assert.rejects(admin.createTopics({ topics: [{ topic: 'bad', configEntries: [{ name: 'no.such', value: '1' }] }] }), e => e.errors[0].type === 'INVALID_CONFIG');
  await admin.createPartitions({ topicPartitions: [{ topic: 'words', count: 4 }] });
  const { topics: [words] } = await admin.fetchTopicMetadata({ topics: ['words'] });
  assert.deepEqual(words.partitions.map(p => p.partitionId).sort(), [0, 1, 2, 3]);
  assert.ok((await admin.listTopics()).includes('words'));
  await assert.rejects(admin.fetchTopicMetadata({ topics: ['nope'] }), /does not host|unknown/i);
}

async function settings() {
  const words = { type: ConfigResourceTypes.TOPIC, name: 'words' };
  await admin.alterConfigs({ resources: [{ ...words, configEntries: [{ name: 'retention.ms', value: '7200000' }] }] });
  const described = await admin.describeConfigs({ resources: [{ ...words, configNames: ['retention.ms', 'cleanup.policy'] }] });
  const values = Object.fromEntries(described.resources[0].configEntries.map(e => [e.configName, e.configValue]));
  assert.deepEqual(values, { 'retention.ms': '7200000', 'cleanup.policy': 'delete' });
  const cluster = await admin.describeCluster();
  assert.deepEqual(cluster.brokers.map(b => `${b.host}:${b.port}`), [process.argv[2]]);
}

async function produce() {
  for (const [acks, idempotent, compression] of [[-1, true, CompressionTypes.None], [1, false, CompressionTypes.GZIP], [0, false, CompressionTypes.None], [-1, false, CompressionTypes.GZIP]]) {
    const topic = `words-${acks}-${idempotent}-${compression}`;
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const producer = kafka.producer({ idempotent, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    await producer.connect();
    for (let i = 0; i < RECORDS; i += 100)
      await producer.send({ topic, acks, compression, messages: messages(i, i + 100) });
    await producer.disconnect();
    const read = await consume([topic], `reads ${topic}`, RECORDS);
    assert.deepEqual(read.map(r => r.value), numbers(RECORDS));
    assert.deepEqual(read.map(r => r.offset), Array.from({ length: RECORDS }, (_, i) => `${i}`));
    assert.ok(read.every(r => r.at === r.offset));
  }
}

// Reads so many records, commits them by itself, and leaves.
async function consume(topics, groupId, count) {
  const consumer = kafka.consumer({ groupId, readUncommitted: false });
  const read = [];
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await new Promise((done, failed) => {
    consumer.on(consumer.events.CRASH, e => failed(e.payload.error));
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        read.push({ partition, offset: message.offset, value: message.value.toString(), at: message.headers.at?.toString() });
        if (read.length >= count)
          done();
      },
    }).catch(failed);
  });
  await consumer.disconnect();
  return read;
}

// Two members share four partitions, one leaves, the other takes over.
async function groups() {
  const members = [];
  const read = [];
  let notify = () => {};
  const until = condition => new Promise(done => (notify = () => condition() && done())).finally(() => (notify = () => {}));
  const join = async () => {
    const consumer = kafka.consumer({ groupId: 'shared', partitionAssigners: [PartitionAssigners.roundRobin], rebalanceTimeout: 10000 });
    const member = { consumer, partitions: [] };
    members.push(member);
    consumer.on(consumer.events.GROUP_JOIN, e => { member.partitions = e.payload.memberAssignment.words ?? []; notify(); });
    await consumer.connect();
    await consumer.subscribe({ topics: ['words'], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => { read.push(message.value.toString()); notify(); } });
    return member;
  };
  const producer = kafka.producer();
  await producer.connect();
  const shared = until(() => members.length === 2 && members.every(m => m.partitions.length === 2));
  const [first, second] = [await join(), await join()];
  notify();
  await shared;
  const { groups: [described] } = await admin.describeGroups(['shared']);
  assert.equal(described.state, 'Stable');
  assert.equal(described.members.length, 2);
  assert.equal(described.protocol, 'RoundRobinAssigner');

  const half = until(() => read.length >= RECORDS);
  await producer.send({ topic: 'words', messages: messages(0, RECORDS) });
  await half;
  assert.deepEqual([...read].sort(), numbers(RECORDS).sort());
  const alone = until(() => first.partitions.length === 4);
  await second.consumer.disconnect();
  members.pop();
  await alone;
  const rest = until(() => read.length >= 2 * RECORDS);
  await producer.send({ topic: 'words', messages: messages(0, RECORDS) });
  await rest;
  await first.consumer.disconnect();
  await producer.disconnect();
  assert.deepEqual([...read].sort(), [...numbers(RECORDS), ...numbers(RECORDS)].sort());
  assert.equal(await committed('shared', 'words'), 2 * RECORDS);
}

async function committed(groupId, topic) {
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return offsets.partitions.reduce((sum, p) => sum + Math.max(0, Number(p.offset)), 0);
}

async function transactions() {
  await admin.createTopics({ topics: [{ topic: 'in' }, { topic: 'out' }] });
  const producer = kafka.producer({ transactionalId: 'tx', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (let i = 0; i < RECORDS; i += 100) {
    if (i % 200 === 0) {
      const aborted = await producer.transaction();
      await aborted.send({ topic: 'out', messages: messages(i, i + 50) });
      await aborted.sendOffsets({ consumerGroupId: 'tx-group', topics: [{ topic: 'in', partitions: [{ partition: 0, offset: '999999' }] }] });
      await aborted.abort();
    }
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'out', messages: messages(i, i + 100) });
    await transaction.sendOffsets({ consumerGroupId: 'tx-group', topics: [{ topic: 'in', partitions: [{ partition: 0, offset: `${i + 100}` }] }] });
    await transaction.commit();
  }
  const read = await consume(['out'], 'reads out', RECORDS);
  assert.deepEqual(read.map(r => r.value), numbers(RECORDS));
  assert.equal(await committed('tx-group', 'in'), RECORDS);
  await producer.disconnect();
}

async function offsets() {
  const words = await admin.fetchTopicOffsets('words');
  assert.equal(words.reduce((sum, p) => sum + Number(p.high), 0), 2 * RECORDS);
  assert.ok(words.every(p => p.low === '0'));
  const later = await admin.fetchTopicOffsetsByTimestamp('words', Date.now() + 60000);
  assert.deepEqual(later.map(p => p.offset).sort(), words.map(p => p.high).sort());
  await admin.setOffsets({ groupId: 'shared', topic: 'words', partitions: [0, 1, 2, 3].map(partition => ({ partition, offset: '5' })) });
  assert.equal(await committed('shared', 'words'), 20);
  await admin.resetOffsets({ groupId: 'shared', topic: 'words', earliest: true });
  assert.equal((await consume(['words'], 'shared', 2 * RECORDS)).length, 2 * RECORDS);
  await admin.deleteTopicRecords({ topic: 'words', partitions: [{ partition: 0, offset: '3' }] });
  assert.equal((await admin.fetchTopicOffsets('words')).find(p => p.partition === 0).low, '3');
}

async function endings() {
  const { groups: known } = await admin.listGroups();
  assert.ok(known.some(g => g.groupId === 'shared' && g.protocolType === 'consumer'));
  await admin.deleteGroups(['shared']);
  await assert.rejects(admin.deleteGroups(['shared']));
  await admin.deleteTopics({ topics: ['words'] });
  assert.ok(!(await admin.listTopics()).includes('words'));
  await assert.rejects(admin.createAcls({ acl: [{ resourceType: 2, resourceName: 't', resourcePatternType: 3, principal: 'User:a', host: '*', operation: 3, permissionType: 3 }] }), /security/i);
}

async function main() {
  await admin.connect();
  for (const part of [topics, settings, produce, groups, transactions, offsets, endings]) {
    await part();
    console.log(part.name);
  }
  await admin.disconnect();
  console.log('all as expected');
}

main().catch(error => {
  console.log(error);
  process.exit(1);
});
