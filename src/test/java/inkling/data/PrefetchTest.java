package inkling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PrefetchTest {
    private static Batch batchOf(long k) {
        return new Batch(new long[] {k}, new long[] {k + 1}, 1, 1);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void batchesComeInOrderFromTheGivenMicroStep() {
        try (Prefetch prefetch = new Prefetch(PrefetchTest::batchOf, 41, 3)) {
            for (long k = 41; k < 141; k++) {
                assertEquals(k, prefetch.position());
                assertArrayEquals(new long[] {k}, prefetch.next().ids());
            }
        }
    }

    @Test
    void noMoreThanOneBatchBeyondAFullQueueIsPrepared() {
        AtomicLong made = new AtomicLong();
        AtomicReference<Thread> producer = new AtomicReference<>();
        CountDownLatch never = new CountDownLatch(1);
        Prefetch prefetch = new Prefetch(k -> {
            producer.set(Thread.currentThread());
            if (made.incrementAndGet() > 100) {   // a producer without a bound would stop here
                awaitQuietly(never);
            }
            return batchOf(k);
        }, 0, 3);
        while (producer.get() == null || producer.get().getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        prefetch.close();
        assertEquals(4, made.get(), "three in the queue, one in the producer's hands");
    }

    @Test
    void aFailureSurfacesAtItsMicroStepAndStays() {
        IllegalStateException fault = new IllegalStateException("token file gone");
        try (Prefetch prefetch = new Prefetch(k -> {
            if (k == 2) {
                throw fault;
            }
            return batchOf(k);
        }, 0, 8)) {
            prefetch.next();
            prefetch.next();
            assertSame(fault, assertThrows(IllegalStateException.class, prefetch::next));
            assertSame(fault, assertThrows(IllegalStateException.class, prefetch::next));
            assertEquals(2, prefetch.position());
        }
    }

    @Test
    void errorsSurfaceToo() {
        try (Prefetch prefetch = new Prefetch(k -> {
            throw new OutOfMemoryError("pretended");
        }, 0, 1)) {
            assertThrows(OutOfMemoryError.class, prefetch::next);
        }
    }

    @Test
    void closingEndsTheThreadEvenWhereTheQueueIsFull() {
        AtomicReference<Thread> producer = new AtomicReference<>();
        Prefetch prefetch = new Prefetch(k -> {
            producer.set(Thread.currentThread());
            return batchOf(k);
        }, 0, 1);
        prefetch.next();
        assertTrue(producer.get().isDaemon(), "a forgotten Prefetch keeps no process alive");
        prefetch.close();
        prefetch.close();
        assertFalse(producer.get().isAlive());
        assertThrows(IllegalStateException.class, prefetch::next);
    }
}
