package inkling.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import inkling.generate.Generation.FinishReason;
import inkling.generate.Generator.Listener;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.bpe.ByteTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Where a text ends, and that the listener hears all of it. */
class GeneratorEndsTest extends GeneratedText {
    @Test void eachEndTokenEndsASampleAndTheBeginningStandsBeforeThePrompt() {
        SpecialIds ends = new SpecialIds(List.of((int) '^'), OptionalInt.empty(), OptionalInt.empty(), List.of(END, SPACE_END));
        for (int end : new int[] {END, SPACE_END}) {
            FakeModel model = FakeModel.saying(BYTES.vocabSize(), 2, 'h', ByteTokenizer.END_OF_TEXT, end, 'x');
            Generation g = new Generator(model, Optional.of(BYTES), ends).generate("p", OPTIONS.withIgnoreEos(false), Listener.NONE);
            Generation.Sample said = g.samples().get(0);
            assertArrayEquals(new int[] {'^', 'p'}, g.promptIds());
            assertArrayEquals(new int[] {'h', ByteTokenizer.END_OF_TEXT, end}, said.ids(),
                "<|endoftext|> is no end if the model names other ends");
            assertEquals(Optional.of("h<|endoftext|>"), said.text());
            assertEquals(FinishReason.EOS, said.finishReason());
        }
    }

    @Test void endOfTextEndsAndIsNotInTheText() {
        Generation.Sample s = said(OPTIONS.withIgnoreEos(false), new ArrayList<>(), ids("Hi", ByteTokenizer.END_OF_TEXT, 'x'));
        assertEquals(Optional.of("Hi"), s.text());
        assertEquals(FinishReason.EOS, s.finishReason());
        assertArrayEquals(ids("Hi", ByteTokenizer.END_OF_TEXT), s.ids());
        assertEquals(3, s.steps().size());
    }

    @Test void endOfTextCanBeIgnored() {
        int[] script = ids("Hi", ByteTokenizer.END_OF_TEXT, 'x');
        Generation.Sample s = said(OPTIONS.withMaxTokens(4), new ArrayList<>(), script);
        assertEquals(Optional.of("Hi<|endoftext|>x"), s.text());
        assertEquals(FinishReason.LENGTH, s.finishReason());
    }

    @Test void aStopStringAcrossTokensEndsTheTextBeforeIt() {
        List<String> streamed = new ArrayList<>();
        Generation.Sample s = said(OPTIONS.withStop("\nTHE END"), streamed, ids("The T\nTHE ", END, 'x'));
        assertEquals(Optional.of("The T"), s.text());
        assertEquals("The T", String.join("", streamed));
        assertEquals(FinishReason.STOP, s.finishReason());
        assertEquals(11, s.ids().length);
    }

    @Test void aStopStringInsideATokenEndsTheTextToo() {
        assertEquals(Optional.of("a "), said(OPTIONS.withStop("END"), new ArrayList<>(), ids("a", SPACE_END)).text());
    }

    @Test void charactersSpreadOverTokensArriveWhole() {
        List<String> streamed = new ArrayList<>();
        Generation.Sample s = said(OPTIONS.withMaxTokens(7), streamed, ids("é👩b"));
        assertEquals(List.of("é", "👩", "b"), streamed);
        assertEquals(Optional.of("é👩b"), s.text());
    }

    @Test void theTextIsTheDecodedIdsEvenWhereTheyAreNoUtf8() {
        for (int[] script : new int[][] {
            {0xE2, 0x80}, {0xFF, 'a', 0xC3}, {0xF0, 0x9F, ByteTokenizer.END_OF_TEXT, 0xE2, 'x'}, {0xED, 0xA0, 0x80, 0xC3, 0xC3}
        }) {
            Generation.Sample s = said(OPTIONS.withMaxTokens(script.length), new ArrayList<>(), script);
            assertArrayEquals(script, s.ids());
            assertEquals(Optional.of(BYTES.decode(script)), s.text(), Arrays.toString(script));
        }
    }

    @Test void whatWasHeldBackForAStopIsGivenAtTheEnd() {
        List<String> streamed = new ArrayList<>();
        assertEquals(Optional.of("abEN"), said(OPTIONS.withMaxTokens(4).withStop("END"), streamed, ids("abEN")).text());
        assertEquals("abEN", String.join("", streamed));
    }

    @Test void aModelWithMoreIdsThanItsTokenizerStillSpeaks() {
        FakeModel model = FakeModel.saying(300, 1, 'a', 290, 'b');
        Generation g = new Generator(model, Optional.of(BYTES)).generate("p", OPTIONS.withMaxTokens(3), Listener.NONE);
        Generation.Sample s = g.samples().get(0);
        assertEquals(Optional.of("ab"), s.text());
        assertEquals(Optional.empty(), s.steps().get(1).token());
        assertEquals("#290", new TokenText(Optional.of(BYTES)).readable(290));
    }
}
