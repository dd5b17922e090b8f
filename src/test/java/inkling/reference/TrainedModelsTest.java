package inkling.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.Fixtures;
import inkling.own.Golden;
import inkling.own.Trained;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference's forward pass against models that other code has trained, and against stored logits. */
@Tag("thorough")
class TrainedModelsTest {
    /**
     * At most so many passages of each model are checked, because the reference is slow. Other tests check all passages with Inkling's own
     * forward pass.
     */
    private static final int PASSAGES = 6;

    @ParameterizedTest
    @MethodSource("inkling.own.Trained#models")
    void aTrainedModelWritesWhatItLearned(Trained trained) {
        ReferenceGpt gpt = trained.reference();
        for (Trained.Passage passage : trained.passages().subList(0, Math.min(PASSAGES, trained.passages().size()))) {
            assertArrayEquals(passage.written(), gpt.greedy(passage.prompt(), passage.written().length, 0));
        }
    }

    /** The stored numbers are still those of the reference: a change of the reference must not go unnoticed. */
    @Test
    void theGoldenLogitsAreTheReferences() {
        for (Trained trained : Trained.models().filter(model -> model.directory().startsWith(Fixtures.own(""))).toList()) {
            Golden golden = Golden.read(trained.directory());
            double[][] logits = trained.reference().logits(new int[][] {golden.ids()})[0];
            assertEquals(golden.logits().length, logits.length);
            for (int t = 0; t < logits.length; t++) {
                assertArrayEquals(golden.logits()[t], logits[t], 1e-9, trained + ", position " + t);
            }
        }
    }

    /**
     * Families and variants of them, with logits that another program computed in double precision and wrote as float32. (Those of our own
     * Llama are the reference's, as in the test above.)
     */
    @ParameterizedTest
    @MethodSource("families")
    void everyFamilysLogitsAreThoseOfAnotherProgram(String name) throws IOException {
        FamilyFixture family = FamilyFixture.read(name);
        double[][] logits = new ReferenceGpt(family.config(), family.weights()).logits(new int[][] {family.ids()})[0];
        assertArrayEquals(family.logits(), StoredTensors.joined(logits), 1e-5);
    }

    static List<String> families() {
        return FamilyFixture.names();
    }
}
