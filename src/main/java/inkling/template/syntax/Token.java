package inkling.template.syntax;

/**
 * The smallest part of a template: text outside of tags, or a name, literal or operator in a tag. The beginning and the end of a tag, and
 * the end of the template, are tokens, too.
 *
 * @param text the characters. A string has its value here, without quotes and escapes. A number has no underscores. The text is empty at
 *     the beginning and end of a tag, and at the end of the template
 * @param line the line where the token begins, from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR, END
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String word) {
        return kind == Kind.NAME && text.equals(word);
    }

    /** The token as messages show it. */
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
