package inkling.serve.runs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedTest {
    private final AtomicInteger looks = new AtomicInteger();

    @Test void aValueThatIsNewEnoughIsGivenAgain() {
        Shared<Integer> shared = new Shared<>(Duration.ofHours(1), looks::incrementAndGet);
        assertEquals(1, shared.get());
        assertEquals(1, shared.get());
    }

    @Test void aValueThatIsTooOldIsFoundAnew() {
        Shared<Integer> shared = new Shared<>(Duration.ZERO, looks::incrementAndGet);
        assertEquals(1, shared.get());
        assertEquals(2, shared.get());
    }

    @Test void aFaultIsNotKept() {
        Shared<Integer> shared = new Shared<>(Duration.ofHours(1), () -> {
            if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("gone");
            }
            return looks.get();
        });
        assertThrows(IllegalStateException.class, shared::get);
        assertEquals(2, shared.get());
    }
}
