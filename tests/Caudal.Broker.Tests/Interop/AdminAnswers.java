import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.errors.*;
import java.util.*;
import java.util.concurrent.*;
/**
 * Asks a broker through Kafka's own Admin, producer and consumer, and writes down what it answers, right or wrong, each under a title.
 * Arguments: the broker's address, and a file that holds everything afterwards.
 */
public class AdminAnswers {
  static final StringBuilder told = new StringBuilder();
  static Admin admin;
  interface Call { Object get() throws Exception; }
  static void show(String what, Call c) {
    Object r;
    // Kafka applies changes in the background: what was changed before must have arrived.
    try { Thread.sleep(150); } catch (InterruptedException e) { Thread.currentThread().interrupt(); }
    try { r = c.get(); } catch (Throwable e) { Throwable t = e; while ((t instanceof ExecutionException || t instanceof CompletionException) && t.getCause()!=null) t=t.getCause(); r = "! "+t.getClass().getSimpleName()+": "+t.getMessage(); }
    told.append("== ").append(what).append('\n').append(r).append('\n');
  }
  static ConfigResource T(String n) { return new ConfigResource(ConfigResource.Type.TOPIC,n); }
  static ConfigResource B(String n) { return new ConfigResource(ConfigResource.Type.BROKER,n); }
  static Object alter(ConfigResource r, Object... ops) throws Exception { return alter(false, r, ops); }
  static Object alter(boolean validate, ConfigResource r, Object... ops) throws Exception {
    var l = new ArrayList<AlterConfigOp>();
    for (int i=0;i<ops.length;i+=3) l.add(new AlterConfigOp(new ConfigEntry((String)ops[i+1], (String)ops[i+2]), AlterConfigOp.OpType.valueOf((String)ops[i])));
    admin.incrementalAlterConfigs(Map.of(r, l), new AlterConfigsOptions().validateOnly(validate)).all().get(); return "ok";
  }
  static Object conf(ConfigResource r, String... names) throws Exception {
    var c = admin.describeConfigs(List.of(r), new DescribeConfigsOptions().includeSynonyms(true)).all().get().get(r);
    var sb = new StringBuilder();
    for (var n : names) { var e = c.get(n); sb.append(e==null? n+" absent" : e.name()+"="+e.value()+" "+e.source()+" "+e.type()+(e.isReadOnly()?" ro":"")+" "+e.synonyms().toString().replace("ConfigSynonym","")).append("; "); }
    return sb;
  }
  static Object create(NewTopic t) throws Exception { var r = admin.createTopics(List.of(t)); r.all().get(); return "ok "+r.numPartitions(t.name()).get()+" "+r.replicationFactor(t.name()).get(); }
  static Object create(String n, Map<String,String> c) throws Exception { return create(new NewTopic(n,1,(short)1).configs(c)); }
  public static void main(String[] a) throws Exception {
    admin = Admin.create(Map.of("bootstrap.servers", a[0], "default.api.timeout.ms","15000","request.timeout.ms","10000"));
    show("create t", () -> create(new NewTopic("t", 2, (short)1)));
    show("create again", () -> create(new NewTopic("t", 2, (short)1)));
    show("create bad name", () -> create(new NewTopic("a b", 2, (short)1)));
    show("create ..", () -> create(new NewTopic("..", 2, (short)1)));
    show("create long", () -> create(new NewTopic("x".repeat(250), 2, (short)1)));
    show("create c.d", () -> create(new NewTopic("c.d", 1, (short)1)));
    show("create c_d", () -> create(new NewTopic("c_d", 1, (short)1)));
    show("create 0 parts", () -> create(new NewTopic("p0", 0, (short)1)));
    show("create -2 parts", () -> create(new NewTopic("p0", -2, (short)1)));
    show("create rf 0", () -> create(new NewTopic("p0", 1, (short)0)));
    show("create rf 3", () -> create(new NewTopic("p0", 1, (short)3)));
    show("create defaults", () -> create(new NewTopic("defaults", Optional.empty(), Optional.empty())));
    show("create assigned", () -> create(new NewTopic("assigned", Map.of(0, List.of(1), 1, List.of(1)))));
    show("create assigned gap", () -> create(new NewTopic("gap", Map.of(0, List.of(1), 2, List.of(1)))));
    show("create assigned unknown", () -> create(new NewTopic("unk", Map.of(0, List.of(7)))));
    show("create assigned dup", () -> create(new NewTopic("unk", Map.of(0, List.of(1,1)))));
    show("create assigned none", () -> create(new NewTopic("unk", Map.of(0, List.of()))));
    show("create unknown config", () -> create("bad", Map.of("no.such", "1")));
    for (var kv : new String[][] {{"retention.ms","-2"},{"retention.ms","abc"},{"retention.ms",""},{"segment.bytes","1048575"},{"segment.bytes","13"},{"segment.bytes","99999999999"},{"cleanup.policy","none"},{"cleanup.policy",""},{"cleanup.policy","delete,delete"},{"cleanup.policy","compact, delete"},{"compression.type","xz"},{"compression.type","none"},{"compression.gzip.level","0"},{"compression.gzip.level","10"},{"compression.lz4.level","0"},{"compression.zstd.level","23"},{"min.cleanable.dirty.ratio","2"},{"min.cleanable.dirty.ratio","x"},{"preallocate","yes"},{"message.timestamp.type","Now"},{"min.insync.replicas","0"},{"max.message.bytes","-1"},{"flush.messages","0"},{"flush.ms","-1"},{"index.interval.bytes","-1"},{"segment.index.bytes","3"},{"segment.ms","0"},{"segment.jitter.ms","-1"},{"max.compaction.lag.ms","0"},{"min.compaction.lag.ms","-1"},{"delete.retention.ms","-1"},{"file.delete.delay.ms","-1"},{"local.retention.bytes","-3"},{"local.retention.ms","-3"},{"local.retention.ms","9999999999999"},{"remote.storage.enable","true"},{"remote.log.copy.disable","true"},{"leader.replication.throttled.replicas","x"},{"leader.replication.throttled.replicas","0:1,1:1"},{"leader.replication.throttled.replicas","*"},{"message.timestamp.before.max.ms","-1"},{"message.timestamp.after.max.ms","-1"},{"unclean.leader.election.enable","1"},{"retention.bytes","-2"},{"message.format.version","3.0"},{"message.downconversion.enable","true"},{"max.compaction.lag.ms","5"}})
      show("config "+kv[0]+"="+kv[1], () -> { try { return create("cfg", Map.of(kv[0],kv[1])); } finally { try { admin.deleteTopics(List.of("cfg")).all().get(); } catch(Exception e) {} } });
    show("config lag", () -> create("cfg", Map.of("min.compaction.lag.ms","10","max.compaction.lag.ms","5")));
    show("validate only", () -> { var r = admin.createTopics(List.of(new NewTopic("vo",3,(short)1).configs(Map.of("retention.ms","5"))), new CreateTopicsOptions().validateOnly(true)); r.all().get(); return r.numPartitions("vo").get()+" "+r.replicationFactor("vo").get()+" "+r.config("vo").get().get("retention.ms"); });
    show("vo exists", () -> admin.describeTopics(List.of("vo")).allTopicNames().get());
    show("create configs answer", () -> { var r = admin.createTopics(List.of(new NewTopic("ca",1,(short)1).configs(Map.of("retention.ms","5")))); r.all().get(); var l=new ArrayList<String>(); for (var e: r.config("ca").get().entries()) l.add(e.name()+"="+e.value()+" "+e.source()+" "+e.isReadOnly()); Collections.sort(l); return l; });
    show("alter", () -> alter(T("t"), "SET","retention.ms","1000","SET","segment.bytes","2000000"));
    show("described", () -> conf(T("t"), "retention.ms","segment.bytes","cleanup.policy","flush.ms","min.insync.replicas","segment.ms","segment.jitter.ms"));
    show("alter unknown", () -> alter(T("t"), "SET","no.such","1"));
    show("alter bad", () -> alter(T("t"), "SET","retention.ms","-5"));
    show("alter bad type", () -> alter(T("t"), "SET","retention.ms","soon"));
    show("alter null", () -> alter(T("t"), "SET","retention.ms",null));
    show("alter append", () -> alter(T("t"), "APPEND","cleanup.policy","compact"));
    show("described 2", () -> conf(T("t"), "cleanup.policy"));
    show("alter append same", () -> alter(T("t"), "APPEND","cleanup.policy","compact"));
    show("alter subtract", () -> alter(T("t"), "SUBTRACT","cleanup.policy","delete"));
    show("described 3", () -> conf(T("t"), "cleanup.policy"));
    show("alter subtract last", () -> alter(T("t"), "SUBTRACT","cleanup.policy","compact"));
    show("described 4", () -> conf(T("t"), "cleanup.policy"));
    show("alter delete", () -> alter(T("t"), "DELETE","cleanup.policy","", "DELETE","retention.ms",null));
    show("alter delete unknown", () -> alter(T("t"), "DELETE","no.such",""));
    show("alter append non list", () -> alter(T("t"), "APPEND","retention.ms","1"));
    show("alter dup", () -> alter(T("t"), "SET","retention.ms","1","SET","retention.ms","2"));
    show("alter missing topic", () -> alter(T("nope"), "SET","retention.ms","1"));
    show("alter bad topic", () -> alter(T("a b"), "SET","retention.ms","1"));
    show("alter empty topic", () -> alter(T(""), "SET","retention.ms","1"));
    show("alter validate", () -> alter(true, T("t"), "SET","retention.ms","77"));
    show("alter validate bad", () -> alter(true, T("t"), "SET","retention.ms","-77"));
    show("described 5", () -> conf(T("t"), "retention.ms"));
    show("describe missing", () -> conf(T("nope"),"retention.ms"));
    show("describe bad", () -> conf(T("a b"),"retention.ms"));
    show("describe empty", () -> conf(T(""),"retention.ms"));
    show("broker alter", () -> alter(B("1"), "SET","log.retention.ms","123456"));
    show("broker described", () -> conf(B("1"), "log.retention.ms","log.retention.hours","log.retention.minutes","num.partitions"));
    show("topic described", () -> conf(T("t"), "retention.ms"));
    show("broker default alter", () -> alter(B(""), "SET","log.retention.ms","234567","SET","message.max.bytes","2000000"));
    show("broker described 2", () -> conf(B("1"), "log.retention.ms"));
    show("topic described 2", () -> conf(T("t"), "retention.ms","max.message.bytes"));
    show("topic set too", () -> alter(T("t"), "SET","retention.ms","9000000000"));
    show("topic described 3", () -> conf(T("t"), "retention.ms","max.message.bytes"));
    // Whichever broker looked for old segments first would have fewer records in what follows.
    show("topic reset", () -> alter(T("t"), "DELETE","retention.ms",""));
    show("broker alter static", () -> alter(B("1"), "SET","node.id","5"));
    show("broker alter static2", () -> alter(B("1"), "SET","num.partitions","5"));
    show("broker alter unknown", () -> alter(B("1"), "SET","no.such","5"));
    show("broker alter bad", () -> alter(B("1"), "SET","log.retention.ms","x"));
    show("broker alter bad range", () -> alter(B("1"), "SET","log.segment.bytes","5"));
    show("broker alter delete", () -> alter(B("1"), "DELETE","log.retention.ms",""));
    show("broker default delete", () -> alter(B(""), "DELETE","log.retention.ms","", "DELETE","message.max.bytes",""));
    show("partitions +", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(3))).all().get(); return "ok"; });
    show("partitions same", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(3))).all().get(); return "ok"; });
    show("partitions -", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(1))).all().get(); return "ok"; });
    show("partitions 0", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(0))).all().get(); return "ok"; });
    show("partitions nope", () -> { admin.createPartitions(Map.of("nope", NewPartitions.increaseTo(1))).all().get(); return "ok"; });
    show("partitions assigned", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(4, List.of(List.of(1))))).all().get(); return "ok"; });
    show("partitions assigned too few", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(6, List.of(List.of(1))))).all().get(); return "ok"; });
    show("partitions assigned unknown", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(5, List.of(List.of(9))))).all().get(); return "ok"; });
    show("partitions assigned two", () -> { admin.createPartitions(Map.of("t", NewPartitions.increaseTo(5, List.of(List.of(1,2))))).all().get(); return "ok"; });
    show("delete nope", () -> { admin.deleteTopics(List.of("nope")).all().get(); return "ok"; });
    show("delete bad", () -> { admin.deleteTopics(List.of("a b")).all().get(); return "ok"; });
    show("delete id", () -> { admin.deleteTopics(TopicCollection.ofTopicIds(List.of(new Uuid(5,5)))).all().get(); return "ok"; });
    show("describe topic", () -> { var d=admin.describeTopics(List.of("t"), new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames().get().get("t"); return d.partitions()+" "+d.isInternal()+" "+new TreeSet<>(d.authorizedOperations()); });
    show("describe nope", () -> admin.describeTopics(List.of("nope")).allTopicNames().get());
    show("describe bad 2", () -> admin.describeTopics(List.of("a b")).allTopicNames().get());
    show("describe id", () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(new Uuid(5,5)))).allTopicIds().get());
    var p = new KafkaProducer<>(Map.of("bootstrap.servers", a[0], "max.block.ms","5000"), new org.apache.kafka.common.serialization.StringSerializer(), new org.apache.kafka.common.serialization.StringSerializer());
    show("send", () -> p.send(new ProducerRecord<>("t",0,"k","v")).get().toString());
    show("send2", () -> p.send(new ProducerRecord<>("t",0,"k","v")).get().toString());
    show("delete records", () -> admin.deleteRecords(Map.of(new TopicPartition("t",0), RecordsToDelete.beforeOffset(1))).all().get());
    show("delete records low", () -> admin.deleteRecords(Map.of(new TopicPartition("t",0), RecordsToDelete.beforeOffset(1))).lowWatermarks().get(new TopicPartition("t",0)).get().lowWatermark());
    show("delete records high", () -> admin.deleteRecords(Map.of(new TopicPartition("t",0), RecordsToDelete.beforeOffset(10))).all().get());
    show("delete records neg", () -> admin.deleteRecords(Map.of(new TopicPartition("t",0), RecordsToDelete.beforeOffset(-3))).all().get());
    show("create compacted", () -> create("cmp", Map.of("cleanup.policy","compact")));
    show("delete records compacted", () -> admin.deleteRecords(Map.of(new TopicPartition("cmp",0), RecordsToDelete.beforeOffset(-1))).all().get());
    show("null key", () -> p.send(new ProducerRecord<>("cmp",0,null,"v")).get().toString());
    show("create nocleanup", () -> create("noclean", Map.of("cleanup.policy","")));
    show("delete records nocleanup", () -> admin.deleteRecords(Map.of(new TopicPartition("noclean",0), RecordsToDelete.beforeOffset(-1))).all().get());
    show("create ts", () -> create("ts", Map.of("message.timestamp.before.max.ms","1000")));
    show("old ts", () -> p.send(new ProducerRecord<>("ts",0,100L,"k","v")).get().toString());
    show("create big", () -> create("big", Map.of("max.message.bytes","200")));
    show("big", () -> p.send(new ProducerRecord<>("big",0,"k","v".repeat(400))).get().toString());
    show("future ts", () -> p.send(new ProducerRecord<>("t",0,System.currentTimeMillis()+10_000_000L,"k","v")).get().toString());
    for (var spec : List.of(OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.maxTimestamp(), OffsetSpec.earliestLocal(), OffsetSpec.latestTiered(), OffsetSpec.forTimestamp(0)))
      show("list "+spec.getClass().getSimpleName(), () -> { var r = admin.listOffsets(Map.of(new TopicPartition("t",0), spec)).all().get().get(new TopicPartition("t",0)); return r.offset()+" "+r.leaderEpoch()+" "+(r.timestamp()>0); });
    show("list late", () -> admin.listOffsets(Map.of(new TopicPartition("t",0), OffsetSpec.forTimestamp(Long.MAX_VALUE))).all().get().get(new TopicPartition("t",0)).offset());
    show("list nope", () -> admin.listOffsets(Map.of(new TopicPartition("nope",0), OffsetSpec.latest())).all().get());
    p.close();
    show("acls", () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
    show("acl create", () -> admin.createAcls(List.of(new AclBinding(new ResourcePattern(ResourceType.TOPIC,"t",PatternType.LITERAL), new AccessControlEntry("User:a","*",AclOperation.READ,AclPermissionType.ALLOW)))).all().get());
    show("acl delete", () -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get());
    show("features", () -> admin.describeFeatures().featureMetadata().get());
    show("update feature unknown", () -> { admin.updateFeatures(Map.of("no.such", new FeatureUpdate((short)1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get(); return "ok"; });
    show("update feature high", () -> { admin.updateFeatures(Map.of("group.version", new FeatureUpdate((short)9, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get(); return "ok"; });
    show("update feature same", () -> { admin.updateFeatures(Map.of("group.version", new FeatureUpdate((short)1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get(); return "ok"; });
    show("update feature down as up", () -> { admin.updateFeatures(Map.of("transaction.version", new FeatureUpdate((short)1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get(); return "ok"; });
    show("update feature down", () -> { admin.updateFeatures(Map.of("transaction.version", new FeatureUpdate((short)1, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)), new UpdateFeaturesOptions().validateOnly(true)).all().get(); return "ok"; });
    show("quorum", () -> { var q = admin.describeMetadataQuorum().quorumInfo().get(); return q.leaderId()+" "+q.voters().size()+" "+q.observers()+" "+q.nodes().keySet(); });
    show("cluster", () -> { var c=admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true)); return c.nodes().get()+" "+c.controller().get()+" "+new TreeSet<>(c.authorizedOperations().get()); });
    show("cluster fenced", () -> { var c=admin.describeCluster(new DescribeClusterOptions().includeFencedBrokers(true)); return c.nodes().get(); });
    show("log dirs", () -> admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values().stream().map(d -> new TreeMap<>(d.replicaInfos().entrySet().stream().filter(e -> e.getKey().topic().equals("t")).collect(java.util.stream.Collectors.toMap(e -> e.getKey().toString(), e -> e.getValue().size()))) + " " + d.error()).toList());
    show("replica dirs", () -> admin.describeReplicaLogDirs(List.of(new TopicPartitionReplica("t",0,1))).all().get().size());
    show("alter replica dir", () -> { admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica("t",0,1), "/no/such")).all().get(); return "ok"; });
    show("elect preferred", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("t",0), new TopicPartition("nope",0))).partitions().get());
    show("elect unclean", () -> admin.electLeaders(ElectionType.UNCLEAN, Set.of(new TopicPartition("t",0))).partitions().get());
    show("elect all", () -> admin.electLeaders(ElectionType.PREFERRED, null).partitions().get());
    show("reassign", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("t",0), Optional.of(new NewPartitionReassignment(List.of(1))))).all().get());
    show("reassign unknown", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("t",0), Optional.of(new NewPartitionReassignment(List.of(7))))).all().get());
    show("reassign cancel", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("t",0), Optional.empty())).all().get());
    show("reassign nope", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("nope",0), Optional.of(new NewPartitionReassignment(List.of(1))))).all().get());
    show("reassignments", () -> admin.listPartitionReassignments().reassignments().get());
    show("list resources", () -> new TreeSet<>(admin.listConfigResources().all().get().stream().map(Object::toString).toList()));
    show("list resources topic", () -> new TreeSet<>(admin.listConfigResources(Set.of(ConfigResource.Type.TOPIC), new ListConfigResourcesOptions()).all().get().stream().map(Object::toString).toList()));
    show("list resources group", () -> new TreeSet<>(admin.listConfigResources(Set.of(ConfigResource.Type.GROUP, ConfigResource.Type.BROKER_LOGGER), new ListConfigResourcesOptions()).all().get().stream().map(Object::toString).toList()));
    show("group cfg", () -> alter(new ConfigResource(ConfigResource.Type.GROUP,"g"), "SET","consumer.session.timeout.ms","50000"));
    show("metrics cfg", () -> alter(new ConfigResource(ConfigResource.Type.CLIENT_METRICS,"m"), "SET","interval.ms","1000"));
    show("metrics cfg described", () -> conf(new ConfigResource(ConfigResource.Type.CLIENT_METRICS,"m"), "interval.ms","match","metrics"));
    show("list resources 2", () -> new TreeSet<>(admin.listConfigResources().all().get().stream().map(Object::toString).toList()));
    show("logger cfg", () -> alter(new ConfigResource(ConfigResource.Type.BROKER_LOGGER,"1"), "SET","kafka.server.KafkaApis","INFO"));
    quotas(); scram(); groups(a[0]);
    show("tokens", () -> admin.describeDelegationToken().delegationTokens().get());
    show("token create", () -> admin.createDelegationToken().delegationToken().get());
    show("unregister", () -> { admin.unregisterBroker(9).all().get(); return "ok"; });
    show("add voter", () -> { admin.addRaftVoter(5, new Uuid(1,2), Set.of(new RaftVoterEndpoint("X","localhost",5))).all().get(); return "ok"; });
    show("transactions", () -> admin.listTransactions().all().get());
    admin.close();
    java.nio.file.Files.writeString(java.nio.file.Path.of(a[1]), told.toString());
    Runtime.getRuntime().halt(0);
  }
  static Object q(boolean validate, Map<String,String> entity, Object... kv) throws Exception {
    var ops = new ArrayList<ClientQuotaAlteration.Op>();
    for (int i=0;i<kv.length;i+=2) ops.add(new ClientQuotaAlteration.Op((String)kv[i], (Double)kv[i+1]));
    admin.alterClientQuotas(List.of(new ClientQuotaAlteration(new ClientQuotaEntity(entity), ops)), new AlterClientQuotasOptions().validateOnly(validate)).all().get(); return "ok";
  }
  static Map<String,String> m(String... kv) { var r=new HashMap<String,String>(); for (int i=0;i<kv.length;i+=2) r.put(kv[i],kv[i+1]); return r; }
  static Object dq(boolean strict, ClientQuotaFilterComponent... c) throws Exception {
    var f = strict ? ClientQuotaFilter.containsOnly(List.of(c)) : ClientQuotaFilter.contains(List.of(c));
    var s = new TreeSet<String>(); admin.describeClientQuotas(f).entities().get().forEach((k,v) -> s.add(new TreeMap<>(k.entries())+"="+new TreeMap<>(v))); return s;
  }
  static void quotas() {
    show("q user", () -> q(false, m("user","u"), "producer_byte_rate", 1000.0, "consumer_byte_rate", 2000.5));
    show("q client", () -> q(false, m("client-id","c"), "request_percentage", 50.0));
    show("q both", () -> q(false, m("user","u","client-id","c"), "producer_byte_rate", 10.0));
    show("q default user", () -> q(false, m("user",null), "producer_byte_rate", 20.0));
    show("q user default client", () -> q(false, m("user","u","client-id",null), "controller_mutation_rate", 3.0));
    show("q ip", () -> q(false, m("ip","127.0.0.1"), "connection_creation_rate", 5.0));
    show("q ip default", () -> q(false, m("ip",null), "connection_creation_rate", 6.0));
    show("q ip bad", () -> q(false, m("ip","not an ip"), "connection_creation_rate", 5.0));
    show("q ip user", () -> q(false, m("ip","127.0.0.1","user","u"), "connection_creation_rate", 5.0));
    show("q bad key", () -> q(false, m("user","u"), "no_such", 5.0));
    show("q bad key ip", () -> q(false, m("ip","127.0.0.1"), "producer_byte_rate", 5.0));
    show("q zero", () -> q(false, m("user","u"), "producer_byte_rate", 0.0));
    show("q neg", () -> q(false, m("user","u"), "producer_byte_rate", -1.0));
    show("q fraction", () -> q(false, m("user","u"), "producer_byte_rate", 1.5));
    show("q ip fraction", () -> q(false, m("ip","127.0.0.1"), "connection_creation_rate", 1.5));
    show("q bad entity", () -> q(false, m("group","u"), "producer_byte_rate", 5.0));
    show("q empty entity", () -> q(false, m(), "producer_byte_rate", 5.0));
    show("q empty name", () -> q(false, m("user",""), "producer_byte_rate", 5.0));
    show("q validate", () -> q(true, m("user","v"), "producer_byte_rate", 5.0));
    show("q validate bad", () -> q(true, m("user","v"), "nope", 5.0));
    show("q remove missing", () -> q(false, m("user","w"), "producer_byte_rate", null));
    show("dq all", () -> { var s = new TreeSet<String>(); admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().forEach((k,v) -> s.add(new TreeMap<>(k.entries())+"="+new TreeMap<>(v))); return s; });
    show("dq user u", () -> dq(false, ClientQuotaFilterComponent.ofEntity("user","u")));
    show("dq user u strict", () -> dq(true, ClientQuotaFilterComponent.ofEntity("user","u")));
    show("dq user default", () -> dq(false, ClientQuotaFilterComponent.ofDefaultEntity("user")));
    show("dq user any", () -> dq(false, ClientQuotaFilterComponent.ofEntityType("user")));
    show("dq user any strict", () -> dq(true, ClientQuotaFilterComponent.ofEntityType("user")));
    show("dq user any client any", () -> dq(false, ClientQuotaFilterComponent.ofEntityType("user"), ClientQuotaFilterComponent.ofEntityType("client-id")));
    show("dq ip", () -> dq(false, ClientQuotaFilterComponent.ofEntityType("ip")));
    show("dq ip and user", () -> dq(false, ClientQuotaFilterComponent.ofEntityType("ip"), ClientQuotaFilterComponent.ofEntityType("user")));
    show("dq bad", () -> dq(false, ClientQuotaFilterComponent.ofEntityType("group")));
    show("dq empty type", () -> dq(false, ClientQuotaFilterComponent.ofEntityType("")));
    show("dq dup", () -> dq(false, ClientQuotaFilterComponent.ofEntity("user","u"), ClientQuotaFilterComponent.ofDefaultEntity("user")));
    show("dq strict none", () -> dq(true));
    show("q remove", () -> q(false, m("user","u"), "producer_byte_rate", null, "consumer_byte_rate", null));
    show("dq user u strict 2", () -> dq(true, ClientQuotaFilterComponent.ofEntity("user","u")));
  }
  static Object scramOf(DescribeUserScramCredentialsResult r) throws Exception {
    var s = new TreeSet<String>();
    r.all().get().forEach((u, d) -> { s.add(u); d.credentialInfos().forEach(c -> s.add(u + " " + c)); });
    return s;
  }
  static Object up(String u, ScramMechanism mech, int it, String pw) throws Exception { admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(u, new ScramCredentialInfo(mech,it), pw))).all().get(); return "ok"; }
  static void scram() {
    show("s none", () -> scramOf(admin.describeUserScramCredentials()));
    show("s missing", () -> scramOf(admin.describeUserScramCredentials(List.of("bob"))));
    show("s up", () -> up("bob", ScramMechanism.SCRAM_SHA_256, 4096, "pw"));
    show("s up 512", () -> up("bob", ScramMechanism.SCRAM_SHA_512, 8192, "pw"));
    show("s low", () -> up("bob", ScramMechanism.SCRAM_SHA_256, 4095, "pw"));
    show("s high", () -> up("bob", ScramMechanism.SCRAM_SHA_256, 16385, "pw"));
    show("s empty user", () -> up("", ScramMechanism.SCRAM_SHA_256, 4096, "pw"));
    show("s bob", () -> scramOf(admin.describeUserScramCredentials(List.of("bob"))));
    show("s all", () -> scramOf(admin.describeUserScramCredentials()));
    show("s dup describe", () -> admin.describeUserScramCredentials(List.of("bob","bob")).all().get());
    show("s empty describe", () -> admin.describeUserScramCredentials(List.of("")).all().get());
    show("s delete missing", () -> { admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("al", ScramMechanism.SCRAM_SHA_256))).all().get(); return "ok"; });
    show("s two for one", () -> { admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("bob", ScramMechanism.SCRAM_SHA_256), new UserScramCredentialUpsertion("bob", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256,4096), "x"))).all().get(); return "ok"; });
    show("s delete", () -> { admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("bob", ScramMechanism.SCRAM_SHA_256))).all().get(); return "ok"; });
    show("s bob 2", () -> scramOf(admin.describeUserScramCredentials(List.of("bob"))));
  }
  static void groups(String at) {
    // How many positions a commit at the end would find is chance.
    var c = new KafkaConsumer<>(new HashMap<String,Object>(Map.of("bootstrap.servers", at, "group.id","g1","client.id","me","auto.offset.reset","earliest","group.protocol","classic","enable.auto.commit","false")), new org.apache.kafka.common.serialization.StringDeserializer(), new org.apache.kafka.common.serialization.StringDeserializer());
    c.subscribe(List.of("t"));
    for (int i=0;i<20 && c.assignment().isEmpty();i++) c.poll(java.time.Duration.ofMillis(500));
    c.commitSync(Map.of(new TopicPartition("t",0), new OffsetAndMetadata(1)));
    show("g list", () -> { var s=new TreeSet<String>(); for (var g: admin.listGroups().all().get()) s.add(g.groupId()+" "+g.type()+" "+g.protocol()+" "+g.groupState()); return s; });
    show("g list state", () -> { var s=new TreeSet<String>(); for (var g: admin.listGroups(new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY))).all().get()) s.add(g.toString()); return s; });
    show("g describe", () -> { var d = admin.describeConsumerGroups(List.of("g1"), new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true)).all().get().get("g1"); var mm=d.members().iterator().next(); return d.isSimpleConsumerGroup()+" "+d.partitionAssignor()+" "+d.type()+" "+d.groupState()+" "+d.coordinator()+" "+new TreeSet<>(d.authorizedOperations())+" "+mm.clientId()+" "+mm.host()+" "+new TreeSet<>(mm.assignment().topicPartitions().stream().map(Object::toString).toList())+" "+mm.consumerId().startsWith("me-")+" "+d.groupEpoch()+" "+d.targetAssignmentEpoch()+" "+mm.memberEpoch()+" "+mm.upgraded(); });
    show("g describe missing", () -> admin.describeConsumerGroups(List.of("nope")).all().get());
    show("g classic describe", () -> admin.describeClassicGroups(List.of("g1")).all().get().get("g1").protocol());
    show("g offsets", () -> admin.listConsumerGroupOffsets("g1").partitionsToOffsetAndMetadata().get());
    show("g offsets missing", () -> admin.listConsumerGroupOffsets("nope").partitionsToOffsetAndMetadata().get());
    show("g delete nonempty", () -> { admin.deleteConsumerGroups(List.of("g1")).all().get(); return "ok"; });
    show("g delete offsets subscribed", () -> { admin.deleteConsumerGroupOffsets("g1", Set.of(new TopicPartition("t",0))).all().get(); return "ok"; });
    show("g alter offsets active", () -> { admin.alterConsumerGroupOffsets("g1", Map.of(new TopicPartition("t",0), new OffsetAndMetadata(0))).all().get(); return "ok"; });
    show("g remove member bad", () -> { admin.removeMembersFromConsumerGroup("g1", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("x")))).all().get(); return "ok"; });
    c.close();
    show("g list 2", () -> { var s=new TreeSet<String>(); for (var g: admin.listGroups().all().get()) s.add(g.groupId()+" "+g.type()+" "+g.protocol()+" "+g.groupState()); return s; });
    show("g alter offsets", () -> { admin.alterConsumerGroupOffsets("g1", Map.of(new TopicPartition("t",0), new OffsetAndMetadata(0,Optional.of(3),"meta"), new TopicPartition("t",1), new OffsetAndMetadata(5))).all().get(); return "ok"; });
    show("g alter offsets nope", () -> { admin.alterConsumerGroupOffsets("g1", Map.of(new TopicPartition("nope",0), new OffsetAndMetadata(0))).all().get(); return "ok"; });
    show("g alter new group", () -> { admin.alterConsumerGroupOffsets("g2", Map.of(new TopicPartition("t",0), new OffsetAndMetadata(0))).all().get(); return "ok"; });
    show("g offsets 2", () -> new TreeMap<>(Map.of("x", admin.listConsumerGroupOffsets("g1").partitionsToOffsetAndMetadata().get())));
    show("g describe simple", () -> { var d = admin.describeConsumerGroups(List.of("g2")).all().get().get("g2"); return d.isSimpleConsumerGroup()+" "+d.groupState()+" '"+d.partitionAssignor()+"'"; });
    show("g delete offsets", () -> { admin.deleteConsumerGroupOffsets("g1", Set.of(new TopicPartition("t",1))).all().get(); return "ok"; });
    show("g delete offsets missing", () -> { admin.deleteConsumerGroupOffsets("g1", Set.of(new TopicPartition("t",1))).all().get(); return "ok"; });
    show("g delete offsets nope", () -> { admin.deleteConsumerGroupOffsets("g1", Set.of(new TopicPartition("nope",1))).all().get(); return "ok"; });
    show("g delete offsets no group", () -> { admin.deleteConsumerGroupOffsets("nope", Set.of(new TopicPartition("t",1))).all().get(); return "ok"; });
    show("g delete", () -> { admin.deleteConsumerGroups(List.of("g1")).all().get(); return "ok"; });
    show("g delete again", () -> { admin.deleteConsumerGroups(List.of("g1")).all().get(); return "ok"; });
    show("g delete empty", () -> { admin.deleteConsumerGroups(List.of("")).all().get(); return "ok"; });
    show("g describe empty", () -> admin.describeConsumerGroups(List.of("")).all().get());
  }
}
