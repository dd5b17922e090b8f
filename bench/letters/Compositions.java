import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;
import java.util.stream.Collectors;

/** Prints what NFC needs to know, in the form in which the tokenizer reads it, from ICU's copy of Unicode's data. */
class Compositions {
    public static void main(String[] args) {
        Normalizer2 nfc = Normalizer2.getNFCInstance();
        System.out.println("# Unicode " + UCharacter.getUnicodeVersion().getVersionString(3, 3)
            + ". ccc first last class: canonical combining classes other than 0. = character parts: its canonical decomposition,"
            + " which composes to it again; > : which does not. Hangul syllables are computed. Made by bench/letters/run.");
        int start = 0;
        for (int c = 1; c <= Character.MAX_CODE_POINT + 1; c++) {
            int before = UCharacter.getCombiningClass(c - 1);
            if (c > Character.MAX_CODE_POINT || UCharacter.getCombiningClass(c) != before) {
                if (before != 0) {
                    System.out.println("ccc " + hex(start) + " " + hex(c - 1) + " " + before);
                }
                start = c;
            }
        }
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String parts = c >= 0xAC00 && c <= 0xD7A3 ? null : nfc.getRawDecomposition(c);
            if (parts != null) {
                int[] two = parts.codePoints().toArray();
                boolean composes = two.length == 2 && nfc.composePair(two[0], two[1]) == c;
                System.out.println((composes ? "= " : "> ") + hex(c) + " "
                    + parts.codePoints().mapToObj(Compositions::hex).collect(Collectors.joining(" ")));
            }
        }
    }

    private static String hex(int codePoint) {
        return Integer.toHexString(codePoint).toUpperCase();
    }
}
