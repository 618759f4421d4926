"""Options whose value is a list: some of a few words, with commas between."""


def add_choices(parser, option, words):
    """All of the words unless told otherwise."""
    def some_of(text):
        chosen = text.split(",")
        if not set(chosen) <= set(words):
            raise ValueError(text)
        return chosen

    parser.add_argument(option, type=some_of, default=words, metavar="A,B",
                        help="some of: " + ", ".join(words))
