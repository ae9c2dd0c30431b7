# QDash with all extras, or with those of QDASH_EXTRAS, at the versions of `uv.lock`. compose.yaml uses it.
FROM python:3.11.14-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /source
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY packages packages
COPY src src
ENV UV_PROJECT_ENVIRONMENT=/opt/qdash UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
# "REVISION DATE" of the checkout, whose history the image does not have: git log -1 --format='%H %cs'
ARG QDASH_BUILD
# Extras with spaces between them; an image for other people is without `qubex`, which installs a proprietary distribution.
ARG QDASH_EXTRAS=all
# Readable for its user also where the checkout was made under a narrow umask.
RUN uv sync --locked --no-editable --compile-bytecode $(for extra in $QDASH_EXTRAS; do echo --extra "$extra"; done) && chmod -R a+rX /opt/qdash

FROM python:3.11.14-slim-bookworm
RUN useradd --uid 10001 --create-home qdash && install -d -o qdash -g qdash /srv/qdash
COPY --from=build /opt/qdash /opt/qdash
ENV PATH=/opt/qdash/bin:$PATH QDASH_HOME=/srv/qdash PYTHONUNBUFFERED=1
USER qdash
WORKDIR /srv/qdash
CMD ["qdash", "--help"]
