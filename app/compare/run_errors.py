"""What goes wrong with a run as such; here, so that the command line may know of runs without the page."""

from chains.errors import ChainError


class NoRun(ChainError):
    """A run of a comparison that is not there, or not any more."""

    en = "There is no such comparison any more."
    ko = "그런 비교가 이제 없어요."


class RunActive(ChainError):
    """A run that goes on, or waits for its turn, is neither changed nor deleted."""

    en = "This comparison is still going on. Stop it first."
    ko = "아직 진행 중인 비교예요. 먼저 멈춰 주세요."
