package inkling.template.syntax;

/**
 * The smallest part of a template.
 *
 * @param text the characters; of a string those that it stands for
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR, END
    }

    boolean isOperator(String sign) {
        return kind == Kind.OPERATOR && text.equals(sign);
    }

    boolean isName(String word) {
        return kind == Kind.NAME && text.equals(word);
    }

    /** As messages show it. */
    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case DATA -> "text";
            case VARIABLE_BEGIN -> "{{";
            case VARIABLE_END -> "}}";
            case BLOCK_BEGIN -> "{%";
            case BLOCK_END -> "%}";
            case NAME, STRING, INTEGER, FLOAT, OPERATOR -> "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
        };
    }
}
