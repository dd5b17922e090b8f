package inkling.tokenizer.huggingface;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Strings that tokenizers are known to get wrong. All are well-formed Unicode; none contains a special token. */
public final class NastyStrings {
    private NastyStrings() {}

    /** Characters with White_Space, and some that only look like it. */
    private static final int[] SPACES = {0x9, 0xA, 0xB, 0xC, 0xD, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2003, 0x2007, 0x200A, 0x2028,
        0x2029, 0x202F, 0x205F, 0x3000, /* not white space: */ 0x1C, 0x1F, 0x180E, 0x200B, 0x2060, 0xFEFF};

    private static final List<String> SCRIPTS = List.of("The quick brown fox", "Съешь же ещё этих мягких булок",
        "Ξεσκεπάζω την ψυχοφθόρα",
        "نص حكيم له سر قاطع", "דג סקרן שט בים", "ऋषियों को सताने वाले",
        "আমি কাঁচ খেতে পারি", "நான் கண்ணாடி சாப்பிடுவேன்",
        "నేను గాజు తినగలను",
        "ฉันกินกระจกได้", "ខ្ញុំអាចញុំកញ្ចក់",
        "မှန်ကိုစား", "我能吞下玻璃而不伤身体", "私はガラスを食べられます",
        "나는 유리를 먹을 수 있어요", "მინას ვჭამ",
        "Կրնամ ապակի ուտել", "እኔ መስታወት መብላት", "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ",
        "ᎠᏂᎩᎸ ᏣᎳᎩ", "ཤེལ་སྒོ་ཟ་ནས", "ꦲꦏꦱꦫ", "Tiếng Việt rất khó",
        "İıŞşĞğ Istanbul",
        "𐌲𐌻𐌴𐍃 𐌼𐌹𐍄𐌰𐌽", "𝒜𝓁𝑔𝑒𝒷𝓇𝒶 𝟘𝟙𝟚𝟛", "𠜎𠜱𠝹𠱓", "𓀀𓂀𓃰",
        "ǅǈǋ titlecase", "ﬁ ﬂ ligatures", "ʰʲˠ modifiers");

    private static final List<String> NUMBERS = List.of("1234567890", "3.14159", "1,000,000", "１２３", "٠١٢٣٤", "۴۵۶",
        "०१२३", "೧೨೩", "Ⅷ Ⅻ ↂ", "½ ¾ ⅓",
        "² ³ ¹⁰", "①②③", "㊀㊁ 〇一二三", "𝟎𝟏𝟐", "𒐀𒐁", "0x1F", "1e-5", "12ab34", "a1b2", "v2.0.1",
        "۱2３4");

    private static final List<String> MARKS = List.of("e\u0301", "\u0301", " \u0301", "a\u0301\u0302\u0303", "\u0915\u094D\u0937",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
        "\u20DD", "x\u20DD y", "\uFE0F", "\u0E33", "\u1100\u1161\u11A8", "é vs e\u0301", "ﷺ", "\u034F");

    private static final List<String> EMOJI = List.of("😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈",
        "🇩🇪🇫🇷", "1️⃣2️⃣", "❤️‍🔥", " 🤖", "a😀b", "😀😀😀😀", "👨‍💻 codes",
        "\uD83D\uDE00\u200D",
        "🫠🫡", "☕\uFE0E☕\uFE0F", "🏴󠁧󠁢󠁥󠁮󠁧󠁿");

    private static final List<String> CONTRACTIONS = List.of("don't", "I'm we're they've he'd she'll it's", "DON'T I'M WE'RE", "'s",
        "''s", "'", "''", "' s", "'S",
        "'ll've", "'l", "'r", "'v", "'re're", "o'clock", "rock'n'roll", "'tis 'twas", "l'été d'être", "it’s I’m", "!'s", " 's",
        "  's", "'\u017F", "x'd'm't",
        "'é", "'1", "'\n", "\n's", "'re", "'ve ", "'lll", "'dd", "'😀");

    private static final List<String> EDGES = List.of("", "\0", "a\0b", "\0\0\0", "\r", "\r\n", "\r\n\r\n\r\n", "\n\r\n\r", "a\r\nb\r\n",
        "\t\t\tx", " \t \n \r ", "line\n\n\nline",
        "trailing   ", "   leading", " ", "  ", "   ", "a b", "a  b", "a   b", "\u001B[31mred\u001B[0m", "\u0007\u0008", "\u007F",
        "\u0080\u009F", "\u00AD soft", "\uFFFD", "\uFFFC",
        "\uFFFE", "\uFFFF", "\uE000", "\uD7FF\uE000", "\uD800\uDC00", "\uDBFF\uDFFF", "\uDBFF\uDFFD", "\u0378", "\uFEFFbom",
        "\u202Eabc\u202C", "\u2066x\u2069", "\u200Fשלום\u200E",
        "<|endoftext", "|endoftext|>", "< |endoftext|>", "<|EndOfText|>", "<|endoftext|", "<|<|", "Ġthe Ċ", "ĠĠĊĊ", "\u0120",
        "Ā ā", "#version: 0.2", "a_b-c.d/e\\f", "!@#$%^&*()_+",
        "...", "…", "--", "—–-", "“quoted” ‘single’", "«à»", "C++ == C#", "<html>&amp;</html>", "{\"a\": [1, 2]}",
        "https://example.org/?q=1&r=%20", "user@example.org",
        "if (x) {\n    return y;\n}\n", "\tdef f(x):\n\t\treturn x ** 2\n", "$$\\frac{1}{2}$$", "日本語とEnglishと123",
        "a\u0300 \u0300b", "A\u030A Å", "__init__", "€100 £20 ¥3", "±×÷≠", "→←↑",
        "☃", "\u2028\u2029", "x\u2028y", "1\u00A02", "1\u202F234", "\u00A0word", "word\u00A0", " \u00A0 ", "\u3000全角",
        "\u1680ogham", "\u0085next", "a\u200Bb", "a\u2060b", "\u180Emongol");

    /** All of these strings, more than 300. */
    public static List<String> all() {
        Set<String> all = new LinkedHashSet<>();
        List.of(SCRIPTS, NUMBERS, MARKS, EMOJI, CONTRACTIONS, EDGES).forEach(all::addAll);
        for (int space : SPACES) {
            String s = Character.toString(space);
            all.addAll(List.of(s, s + s, "a" + s + "b", s + s + "b", " " + s + "!", s + " 1", "a" + s, "\n" + s + "x"));
        }
        SCRIPTS.forEach(script -> all.add(" " + script + "\n" + script.replace(' ', '\u00A0')));
        all.addAll(longRuns());
        all.add(mostBlocks());
        all.add(SCRIPTS.stream().collect(Collectors.joining("'s 1")));
        return new ArrayList<>(all);
    }

    private static List<String> longRuns() {
        return List.of("a".repeat(1000), "ab".repeat(500), " ".repeat(1000), " ".repeat(999) + "x", "\n".repeat(300), "7".repeat(500),
            "!".repeat(500),
            "=-".repeat(200), "é".repeat(300), "😀".repeat(200), "the".repeat(200), "\u0301".repeat(300), "汉".repeat(300),
            "'s".repeat(100), "\0".repeat(100),
            "x".repeat(63), "x".repeat(64), "x".repeat(65), "supercalifragilisticexpialidocious".repeat(9));
    }

    /** Every 61st code point, if it is assigned, so that most blocks of Unicode appear. */
    private static String mostBlocks() {
        return IntStream.iterate(0, c -> c <= Character.MAX_CODE_POINT, c -> c + 61)
            .filter(c -> Character.isDefined(c) && Character.getType(c) != Character.SURROGATE)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }
}
