import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.util.VersionInfo;

/** Prints the table of general categories in the form in which the tokenizer reads it, from ICU's copy of Unicode's data. */
class Categories {
    public static void main(String[] args) {
        System.out.println("# General categories of Unicode " + UCharacter.getUnicodeVersion().getVersionString(3, 3)
            + ": the first code point of each run, its category, + where Unicode 13 does not have it. Made by bench/letters/run.");
        String before = "";
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String category = UCharacter.getPropertyValueName(UProperty.GENERAL_CATEGORY, UCharacter.getType(c),
                UProperty.NameChoice.SHORT);
            boolean later = !category.equals("Cn") && UCharacter.getAge(c).compareTo(VersionInfo.getInstance(13)) > 0;
            String now = category + (later ? " +" : "");
            if (!now.equals(before)) {
                System.out.println(Integer.toHexString(c).toUpperCase() + " " + now);
            }
            before = now;
        }
    }
}
