#!/usr/bin/env bash
# Builds apache/kafka:VERSION from Debian packages and the cached Kafka jars, for machines that reach no registry of images.
# It starts as the official image does: KafkaDockerWrapper (from Kafka's own jar) turns KAFKA_* variables and the files
# mounted at /mnt/shared/config into the final configuration and formats the storage; then the broker runs.
# The second image stands for nicolaka/netshoot: what it is used for are `ip` and `tc`.
# Usage: scripts/docker-test-image.sh [VERSION]   (root; needs docker, debootstrap and the jars of an earlier `kmk deploy`)
set -euo pipefail
version=${1:-4.3.1}
image=apache/kafka:$version
libs=${KMK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kmk}/kafka-$version/libs
[[ -e $libs/.complete ]] || { echo "no jars of Kafka $version in the cache: run \`kmk deploy\` once" >&2; exit 4; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Usage: bootstrap PACKAGE: a small Debian with it in $work/root.
bootstrap() {
  rm -rf "$work/root"
  debootstrap --variant=minbase --include="$1" bookworm "$work/root" > "$work/debootstrap.log" 2>&1 ||
    { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
}

network=nicolaka/netshoot:v0.13
if ! docker image inspect "$network" > /dev/null 2>&1; then
  bootstrap iproute2
  tar -C "$work/root" -c . | docker import -c "LABEL kmk.test-image=network" - "$network" > /dev/null
  echo "built $network"
fi
# An image of an older script is built again.
script=$(sha256sum "$0" | cut -c1-16)
if [[ $(docker image inspect -f '{{index .Config.Labels "kmk.test-image"}}' "$image" 2> /dev/null || true) == "$script" ]]; then
  echo "$image is there"
  exit 0
fi
bootstrap openjdk-17-jre-headless
mkdir -p "$work"/root/{opt/kafka/libs,opt/kafka/config,etc/kafka/docker,mnt/shared/config,var/lib/kafka/data}
cp "$libs"/*.jar "$work/root/opt/kafka/libs/"
cp "$(dirname "$0")/../runtime/log4j2.properties" "$work/root/etc/kafka/docker/log4j2.properties"
cat > "$work/root/opt/kafka/config/connect-log4j2.yaml" <<'YAML'
Configuration:
  Appenders:
    Console:
      name: STDOUT
      PatternLayout:
        pattern: "[%d] %p %m (%c)%n"
  Loggers:
    Root:
      level: INFO
      AppenderRef:
        - ref: STDOUT
YAML
# log4j 1 up to 3.9.
for name in log4j connect-log4j; do
  cat > "$work/root/opt/kafka/config/$name.properties" <<'PROPERTIES'
log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
PROPERTIES
done
# What the wrapper starts from; a mounted file of the same name replaces it.
touch "$work"/root/etc/kafka/docker/{server.properties,log4j2.yaml,tools-log4j2.yaml,log4j.properties,tools-log4j.properties}
cat > "$work/root/etc/kafka/docker/run" <<'RUN'
#!/usr/bin/env bash
set -e
log="-Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.properties"
# The official script, too, takes storage that is formatted already for no failure.
said=$(java -XX:TieredStopAtLevel=1 $log -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup \
  --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) ||
  grep -qi 'already formatted' <<< "$said" || { echo "$said"; exit 1; }
exec java ${KAFKA_HEAP_OPTS:--Xmx512m} ${KAFKA_JVM_PERFORMANCE_OPTS:-} $log -cp '/opt/kafka/libs/*' kafka.Kafka /opt/kafka/config/server.properties
RUN
chmod 755 "$work/root/etc/kafka/docker/run"
tar -C "$work/root" -c . | docker import -c 'CMD ["/etc/kafka/docker/run"]' -c "LABEL kmk.test-image=$script" - "$image" > /dev/null
echo "built $image"
