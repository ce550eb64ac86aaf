/** Every key with its default: the same setup as a file that says only `version: 1`. */
export const LAB = `version: 1
name: kmk                        # project: labels, container and network names, state
runtime: auto                    # auto | docker | local. auto: docker if an engine answers within 1 s and all images are present, else local if Java is there, else docker with pull
kafka:
  version: "4.3.1"               # 4.3.1 and 3.9.2 are tested; other 3.9/4.x use the same pom with the version as property
  distribution: apache           # apache | confluent (7.9 with Kafka 3.9)
  mode: kraft                    # kraft | zookeeper (3.9 only)
clusters:                        # exactly the aliases that topics are prefixed with; [A-Za-z0-9_-]+
  primary:
    brokers: 1                   # 1..5; replication factors default to min(3, brokers)
    port: 9092                   # the first broker's client port; "auto" picks a free one. see Ports below
  dr:
    brokers: 1
    port: 9093
  # a cluster that exists already: kmk never starts or stops it
  # east: { bootstrap: ["b1:9093","b2:9093"], clusterId: "...", security: {...}, connect: { url: "https://..." } }
replication:
  mode: connect                  # connect | dedicated
  policy: default                # default (prefix) | identity
  separator: "."
  internalSeparator: true        # names of MM2's internal topics follow the separator too
  profile: lab                   # lab | production: the intervals, replication factors, batching; every value can be overridden below
  flows:
    - source: primary
      target: dr
      topics: [".*"]             # Java regular expressions, as MM2 takes them; one with a comma is an error (MM2 splits on it)
      topicsExclude: []          # added to MM2's own excludes; kmk says what they hide
      groups: [".*"]
      groupsExclude: []
      config: {}                 # any MM2 connector option, by its own name; retired names are refused with the new one
active: primary
ui: { enabled: true, port: 8080 }
images: {}                       # kafka, connect, zookeeper, ui, network: images from a mirror, with another tag or a digest, instead of the official ones
faults: { network: false, diskMb: 0 }   # network: a gate before each site of the local runtime, for drills that cut or slow it; diskMb: a disk in memory for each broker, that can be full
objectives: { loss: { records: 0 }, recovery: 30s, redelivered: 1000 }   # a drill is judged by its own objectives, else by these
standby: { writes: refused }     # refused | allowed: clients on a cluster that is not active; allowed needs a flow of its own back
fence: { strategies: [acl], principals: [] }
waves: []                        # [{ topics: [...], groups: [...] }]
watch: { checks: 5, witnesses: [] }
hooks: {}                        # commands before/after named steps (DNS, pager, feature flag): argv lists, never shell strings
hookPolicy: { timeout: 30s, onFailure: stop }   # a command that fails or takes too long: stop | continue
`;
