package inkling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import inkling.reference.FamilyFixture;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models of the families that people fine-tune. Their logits are compared with those that another program or the reference computed in
 * double precision.
 */
class FamilyLogitsTest {
    /** The largest error that is allowed, as a share of the difference between the largest and the least logit. */
    private static final double ALLOWED = 1e-4;

    static List<String> families() {
        return FamilyFixture.names();
    }

    @ParameterizedTest
    @MethodSource("families")
    void inOnePass(String name) throws IOException {
        FamilyFixture family = FamilyFixture.read(name);
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(family.config(), family.weights(), manager)) {
            NDArray ids = ReferenceWeights.ids(manager, new int[][] {family.ids()});
            assertArrayEquals(family.logits(), ReferenceWeights.doubles(gpt.forward(ids, Mode.EVAL, Probe.NONE)), allowed(family));
            assertArrayEquals(family.logits(), ReferenceWeights.doubles(gpt.forward(ids, Mode.EVAL, new Probe() {})), allowed(family),
                "watched");
        }
    }

    /**
     * Reads tokens one by one with the kernel that computes all blocks in one call: with plain matrices, and with matrices in strips.
     * Reads chunks of five tokens without that kernel.
     */
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("families")
    void throughTheCache(String name) throws IOException {
        FamilyFixture family = FamilyFixture.read(name);
        int v = family.config().vocabSize();
        try (NDManager manager = ReferenceWeights.manager(); Gpt gpt = ReferenceWeights.gpt(family.config(), family.weights(), manager);
             KvCache one = new KvCache(manager, family.config(), 1); KvCache strips = new KvCache(manager, family.config(), 1);
             KvCache chunks = new KvCache(manager, family.config(), 1)) {
            DecodeStep step = gpt.decodeStep().inStrips(manager);
            for (int at = 0; at < family.ids().length; at++) {
                double[] expected = Arrays.copyOfRange(family.logits(), at * v, (at + 1) * v);
                NDArray id = ReferenceWeights.ids(manager, new int[][] {{family.ids()[at]}});
                assertArrayEquals(expected, ReferenceWeights.doubles(gpt.next(id, one)), allowed(family), "token " + at);
                assertArrayEquals(expected, ReferenceWeights.doubles(step.next(id, strips)), allowed(family), "in strips, token " + at);
                if (at % 5 == 4) {
                    NDArray chunk = ReferenceWeights.ids(manager, new int[][] {Arrays.copyOfRange(family.ids(), at - 4, at + 1)});
                    assertArrayEquals(expected, ReferenceWeights.doubles(gpt.next(chunk, chunks)), allowed(family), "chunk to " + at);
                }
            }
            assertEquals(family.ids().length / 5 * 5, chunks.length());
        }
    }

    private static double allowed(FamilyFixture family) {
        double most = Arrays.stream(family.logits()).max().orElseThrow();
        double least = Arrays.stream(family.logits()).min().orElseThrow();
        return ALLOWED * (most - least);
    }
}
