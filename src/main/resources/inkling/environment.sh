# How the threads of Inkling's process wait, and how it keeps memory. A POSIX shell sources this before Java starts: . environment.sh
# A variable that is set already keeps its value. bench/README.md gives the reasons. Inkling reads the lines that begin with "export", too.

# INKLING_WORK=generate, for generating text token by token: threads stay awake between the operations of a token.
if [ "${INKLING_WORK:-}" = generate ]; then
  export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-20000}"
  export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-131072}"
fi

export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-500}"
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"                    # a thread's own heaps are of 64 MB each: large tensors leave gaps there
export MALLOC_MMAP_MAX_="${MALLOC_MMAP_MAX_:-0}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-1099511627776}"
export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-134217728}"
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"   # large tensors on huge pages
export TORCH_CPP_LOG_LEVEL="${TORCH_CPP_LOG_LEVEL:-ERROR}"          # libtorch's warnings are for its own developers
export OPT_OUT_TRACKING="true"                                      # DJL does not report its use
