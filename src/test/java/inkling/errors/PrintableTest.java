package inkling.errors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test void terminalSequencesBecomeVisible() {
        assertEquals("a\\x1b[2J\\x07\\x9b\\x7f\\x00", Printable.escape("a\u001b[2J\u0007\u009b\u007f\u0000"));
    }

    @Test void aTokenStaysOnOneLine() {
        assertEquals("a\\n\\r\\t\\\\b", Printable.escape("a\n\r\t\\b"));
    }

    @Test void runningTextKeepsItsLinesAndLosesItsCommands() {
        assertEquals("a\n\tb\\c\\x1b\\r", Printable.text("a\n\tb\\c\u001b\r"));
    }

    @Test void whatReordersOrHidesTextIsNamed() {
        assertEquals("\\u{202e}\\u{2066}\\u{200b}\\u{2028}\\u{feff}", Printable.escape("\u202e\u2066\u200b\u2028\ufeff"));
        assertEquals("\\u{d800}\\u{ffff}\\u{1fffe}", Printable.escape("\ud800\uffff" + Character.toString(0x1fffe)));
    }

    @Test void spacesAtTheEndsOfATokenAreSeen() {
        assertEquals("␣the", Printable.spaced(" the"));
        assertEquals("a b␣␣", Printable.spaced("a b  "));
        assertEquals("␣␣", Printable.spaced("  "));
        assertEquals("", Printable.spaced(""));
    }

    @Test void oneIsCountedInTheSingular() {
        assertEquals("1 token", Printable.counted(1, "token"));
        assertEquals("0 more files", Printable.counted(0, "more file"));
        assertEquals("2,048 tokens", Printable.counted(2048, "token"));
    }

    @Test void ordinaryTextIsLeftAlone() {
        String text = "Ġthe naïve 日本語 👩\u200d👩 سلام é <b>&";
        assertEquals(text, Printable.escape(text));
        assertEquals(text, Printable.text(text));
    }
}
