/*
 * Makes the race of docs/decisions/0010 happen on demand: load it with LD_PRELOAD into a process that uses libtorch's CPU build.
 *
 * MKL's vector functions (exp of a whole array, …) ask mkl_vml_serv_cpu_detect() which processor this is. It stores the answer of
 * mkl_serv_vml_cpu_detect() in a static variable, and only then replaces it there by its place in a shorter list. A second thread that
 * reads the variable in between computes with the kernel of another processor and another accuracy.
 *
 * This stands in for mkl_serv_vml_cpu_detect(): it answers 9, the answer on Intel processors with AVX-512. Just after the first store of
 * the first thread that asks, it stops this thread for a tenth of a second, as a scheduler on a busy machine may. (It does so by the
 * processor's trap flag: one trap an instruction; the second one in the caller comes after the store.) Needs Linux on x86-64 with AVX-512.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define TRAP_FLAG 0x100
#define AVX512_ON_INTEL 9
#define HELD_MICROS 100000

static uintptr_t caller;      /* where the first thread that asked goes on */
static int traps;             /* instructions that the thread has executed there */

static void trapped(int signal, siginfo_t *info, void *context) {
    ucontext_t *at = context;
    uintptr_t next = (uintptr_t) at->uc_mcontext.gregs[REG_RIP];
    (void) signal;
    (void) info;
    if (next >= caller && next < caller + 16 && ++traps == 2) {
        write(STDERR_FILENO, "held\n", 5);
        usleep(HELD_MICROS);
        at->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    }
}

int mkl_serv_vml_cpu_detect(void) {
    static atomic_flag asked = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&asked)) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = trapped;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGTRAP, &action, NULL);
        caller = (uintptr_t) __builtin_return_address(0);
        __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc");
    }
    return AVX512_ON_INTEL;
}
