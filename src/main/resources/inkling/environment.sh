# How Inkling's process waits and keeps memory. For POSIX shells, to be sourced before Java starts: . environment.sh
# What is set already stays as it is. Why each of these: bench/README.md. Inkling reads the lines that begin with "export", too.

# For text that is generated token by token: INKLING_WORK=generate. A thread stays awake between two operations of a token.
if [ "${INKLING_WORK:-}" = generate ]; then
  export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-20000}"
  export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-131072}"
fi

export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-500}"
export MALLOC_MMAP_MAX_="${MALLOC_MMAP_MAX_:-0}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-1099511627776}"
export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-134217728}"
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"   # large tensors on huge pages
export TORCH_CPP_LOG_LEVEL="${TORCH_CPP_LOG_LEVEL:-ERROR}"          # its warnings are for its own authors
export OPT_OUT_TRACKING="true"                                      # nobody is told of its use
