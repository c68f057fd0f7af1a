# Build from the repository's root:  docker build -t scanner .
#
# It stands here and not in a folder of its own so that `uses: ./` and `uses: OWNER/REPOSITORY@main` work: the runner builds
# with the Dockerfile's folder as the context. A release's action.yml names a built image by digest instead.
#
# The bases are arguments so that the image can be built on a mirror or on a local base, and pinned: the release
# workflow resolves both to name@sha256:... first, builds on these, and records the runtime base in a label.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

# .NET builds for another processor than its own: no emulation for arm64.
FROM --platform=${BUILDPLATFORM} ${SDK_IMAGE} AS build
ARG TARGETARCH
ARG VERSION
WORKDIR /source
COPY . .
RUN case "${TARGETARCH:-amd64}" in amd64) runtime=linux-x64 ;; arm64) runtime=linux-arm64 ;; *) echo "no image for ${TARGETARCH}" >&2; exit 1 ;; esac \
 && dotnet restore src/Scanner/Scanner.csproj -p:RestoreLockedMode=true \
 && dotnet publish src/Scanner/Scanner.csproj -c Release -r "$runtime" --self-contained true ${VERSION:+-p:Version=$VERSION} -o /app \
 && mkdir -p /empty

FROM ${RUNTIME_IMAGE}
COPY --from=build /app /app
# The home of whoever is the user in the end: mount ~/.aws into it.
COPY --from=build /empty /home/scanner
COPY --from=build /empty /work
WORKDIR /work
# GitHub starts container actions as root and says not to use USER: files behind GITHUB_OUTPUT and the workspace belong to the
# runner's user, which is 1001 on hosted runners and any other elsewhere. With SCANNER_CONTAINER the program gives root up at
# once, before it reads anything, for the owner of the workspace (or of the working folder).
USER 0:0
ENV HOME=/home/scanner \
    SCANNER_CONTAINER=1 \
    DOTNET_TieredPGO=0 \
    DOTNET_EnableDiagnostics=0
ENTRYPOINT ["/app/scanner"]
CMD ["--help"]
