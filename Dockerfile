# syntax=docker/dockerfile:1
# flowengine: the operator and the CLI, with the agent inside. docker build -t flowengine/flowengine .

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libyaml-dev libssl-dev libsqlite3-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources ./Sources
COPY Tests ./Tests
RUN swift build -c release --static-swift-stdlib --product flowengine \
    && swift build -c release --product flowengine-agent \
    && install -D -s "$(swift build -c release --show-bin-path)/flowengine" /out/flowengine \
    && install -D -s "$(swift build -c release --show-bin-path)/flowengine-agent" /out/flowengine-agent

# The agent alone: what the init container of every task runs.
FROM scratch AS agent
COPY --from=build /out/flowengine-agent /flowengine-agent
USER 65532:65532
ENTRYPOINT ["/flowengine-agent"]

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libyaml-0-2 libssl3 libsqlite3-0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/flowengine /usr/local/bin/flowengine
COPY --from=build /out/flowengine-agent /flowengine-agent
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/flowengine"]
CMD ["operator"]
