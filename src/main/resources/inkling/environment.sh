# How the threads of Inkling's process wait, and how it keeps memory. A POSIX shell sources this before Java starts: . environment.sh
# All variables but OPT_OUT_TRACKING keep a value that is set already. bench/README.md gives the reasons that are not given here.
# Inkling itself reads this file, too: the lines that begin with "export", but not the indented lines.

# INKLING_WORK=generate is for text that is generated token by token: threads stay awake between a token's operations, and the heap grows in
# small steps, which makes the start faster.
if [ "${INKLING_WORK:-}" = generate ]; then
  export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-20000}"
  export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-131072}"
fi

export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-500}"
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"                    # one heap for all threads: a heap for each would leave gaps
export MALLOC_MMAP_MAX_="${MALLOC_MMAP_MAX_:-0}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-1099511627776}"
export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-134217728}"
export GLIBC_TUNABLES="${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1}"   # large tensors on huge pages
export TORCH_CPP_LOG_LEVEL="${TORCH_CPP_LOG_LEVEL:-ERROR}"          # libtorch's warnings are for its own developers
export OPT_OUT_TRACKING="true"                                      # keeps DJL from reporting its use
