package inkling.run.starter;

import static inkling.Says.says;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.data.source.DataConfig.Format;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.runfile.RunConfig;
import inkling.tokenizer.TokenizerConfig.BpeTokenizerConfig;
import inkling.tokenizer.TokenizerConfig.CharTokenizerConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The values of a new run file follow from the length of the text, the minutes and the machine. */
class StarterFileTest {
    private static final double LAPTOP = 200e9;
    private static final ComputeContext CPU = ComputeContext.of("cpu");

    private static StarterText text(long characters) {
        return new StarterText(List.of("a \"book\".txt"), Format.TEXT, characters, 80, true, "It was");
    }

    private static StarterFile file(long characters, double minutes, double peak) {
        return StarterFile.of("book", text(characters), minutes, CPU, peak);
    }

    private static BpeTokenizerConfig pieces(RunConfig config) {
        return assertInstanceOf(BpeTokenizerConfig.class, config.data().tokenizer().orElseThrow());
    }

    @Test void shortTextsGetCharacterTokensAndLongTextsGetPieces() {
        assertInstanceOf(CharTokenizerConfig.class, file(100_000, 10, LAPTOP).config().data().tokenizer().orElseThrow());
        assertEquals(1024, pieces(file(1_214_976, 10, LAPTOP).config()).vocabSize().orElseThrow());
        assertEquals(8192, pieces(file(50_000_000, 10, LAPTOP).config()).vocabSize().orElseThrow());
    }

    @Test void manyKindsOfCharactersAreTooManyTokens() {
        StarterText chinese = new StarterText(List.of("book.txt"), Format.TEXT, 100_000, 3_000, true, "");
        assertEquals(512, pieces(StarterFile.of("book", chinese, 10, CPU, LAPTOP).config()).vocabSize().orElseThrow());
    }

    @Test void theEstimateFillsTheMinutesWhereTheTextIsLongEnough() {
        for (double minutes : new double[] {5, 30, 120}) {
            double seconds = file(50_000_000, minutes, LAPTOP).estimate().seconds()[0];
            assertTrue(seconds > 0.85 * 60 * minutes && seconds <= 1.02 * 60 * minutes, minutes + " min: " + seconds);
        }
    }

    @Test void aFasterMachineAndMoreTextTakeALargerModel() {
        int slow = file(50_000_000, 10, LAPTOP / 50).config().model().options().nEmbd();
        int fast = file(50_000_000, 10, LAPTOP * 50).config().model().options().nEmbd();
        assertTrue(slow < fast, slow + " and " + fast);
        assertTrue(file(20_000, 10, LAPTOP * 50).config().model().options().nEmbd() < fast, "a short text would be learned by heart");
    }

    @Test void aTextIsNotReadForEver() {
        RunConfig config = file(20_000, 1_000, LAPTOP).config();
        double passes = (double) config.train().maxSteps() * config.train().batchSize() * config.model().options().contextLength() / 18_000;
        assertTrue(passes > 15 && passes <= 20, "" + passes);
    }

    @Test void thePathComesBackAsItWasAndThePromptIsOfTheText() {
        assertEquals(List.of("a \"book\".txt"), file(100_000, 10, LAPTOP).config().data().train());
        StarterText oneLine = new StarterText(List.of("x"), Format.TEXT, 100_000, 80, false, "It: \"w#");
        assertEquals("It: \"w#", StarterFile.of("x", oneLine, 10, CPU, LAPTOP).config().train().sample().orElseThrow().prompt());
    }

    @Test void theLongestNameIsANameStill() {
        assertEquals("a".repeat(64), StarterFile.of("a".repeat(64), text(100_000), 10, CPU, LAPTOP).config().name().text());
    }

    @Test void whatCannotBeLearnedFromIsRefused() {
        says(assertThrows(ConfigException.class, () -> file(999, 10, LAPTOP)).getMessage(), "book", "999", "1,000");
        says(assertThrows(ConfigException.class, () -> StarterFile.of("../up", text(100_000), 10, CPU, LAPTOP)).getMessage(), "../up");
    }
}
