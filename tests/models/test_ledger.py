"""What models cost, added up."""

import pytest

from derender.core import ContentStore, UserError
from derender.models import Cached, Ledger, Message, Metered, ModelError, OpenAIModel, Price, Usage, read_prices, wait

from .endpoint import answer, refusal

USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "prompt_tokens_details": {"cached_tokens": 400}}
PRICES = {"m": Price(input=2.0, output=10.0, cached=0.5)}
COST = (600 * 2.0 + 400 * 0.5 + 200 * 10.0) / 1e6


@pytest.fixture
def asked(endpoint, tmp_path):
    """Asks one question after the other, through a cache and a ledger."""

    def ask(ledger, *script):
        endpoint.script = list(script)
        store = ContentStore(tmp_path)
        model = Metered(Cached(OpenAIModel("m", base_url=endpoint.url, retries=0), store), ledger)
        for number in range(len(script)):
            wait(model.ask([Message.user(str(number))]))
        store.close()

    return ask


def test_tokens_time_and_cost_are_added_up(asked):
    ledger = Ledger(PRICES)
    asked(ledger, answer("a", USAGE), answer("b", USAGE))
    spent = ledger.spending()["m"]
    assert (spent.requests, spent.samples, spent.cached, spent.failed) == (2, 2, 0, 0)
    assert spent.usage == Usage(2000, 400, 800)
    assert spent.elapsed_s > 0
    assert ledger.cost("m") == pytest.approx(2 * COST)


def test_what_the_cache_answered_costs_nothing_and_is_said_to_be_saved(asked):
    asked(Ledger(PRICES), answer("a", USAGE))
    ledger = Ledger(PRICES)
    asked(ledger, refusal(500, "never asked"))
    row = ledger.to_json()["m"]
    assert (row["requests"], row["cached"], row["cost"]) == (1, 1, 0.0)
    assert row["usage"]["input_tokens"] == 0 and row["saved"]["input_tokens"] == 1000


def test_without_a_price_there_is_no_cost(asked):
    ledger = Ledger({"another": PRICES["m"]})
    asked(ledger, answer("a", USAGE))
    assert ledger.cost("m") is None


def test_without_counted_tokens_there_is_no_cost(asked):
    ledger = Ledger(PRICES)
    asked(ledger, answer("a", USAGE), answer("b"))
    assert ledger.cost("m") is None
    assert ledger.to_json()["m"]["uncounted"] == 1


def test_a_failure_is_counted_apart(asked):
    ledger = Ledger(PRICES)
    with pytest.raises(ModelError):
        asked(ledger, refusal(500, "down"))
    assert (ledger.spending()["m"].failed, ledger.spending()["m"].requests) == (1, 0)


def test_what_earlier_starts_spent_is_added_and_what_is_no_spending_is_not(asked):
    earlier, now = Ledger(PRICES), Ledger(PRICES)
    asked(earlier, answer("a", USAGE))
    # The first question is known already, the second is new.
    asked(now, answer("b", USAGE), refusal(500, "never asked"))
    said = earlier.to_json() | {"old": earlier.to_json()["m"], "odd": {"requests": "3"}, "none": None}
    both = now.and_earlier(said)
    row = both.to_json()["m"]
    assert (row["requests"], row["cached"], row["samples"]) == (3, 1, 3)
    assert row["usage"]["input_tokens"] == 2000 and row["cost"] == pytest.approx(2 * COST)
    assert row["elapsed_s"] >= now.to_json()["m"]["elapsed_s"]
    assert sorted(both.spending()) == ["m", "old"]
    assert now.spending()["m"].requests == 2
    assert now.and_earlier([said]).to_json() == now.to_json()


def test_prices_are_read(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text('["some/model"]\ninput = 0.5\noutput = 2\n\n[m]\ninput = 1\noutput = 1\ncached = 0.1\n')
    assert read_prices(file) == {"some/model": Price(0.5, 2.0), "m": Price(1.0, 1.0, 0.1)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file"),
        ("[m", "is no TOML"),
        ("m = 3", "must have input and output"),
        ("[m]\ninput = 1", "must have input and output"),
        ("[m]\ninput = 1\noutput = 1\nextra = 1", "must have input and output"),
        ("[m]\ninput = 1\noutput = -1", "no price of a million tokens: -1"),
        ("[m]\ninput = 1\noutput = nan", "no price of a million tokens: nan"),
        ("[m]\ninput = true\noutput = 1", "no price of a million tokens: True"),
    ],
)
def test_prices_that_are_none_are_one_sentence(tmp_path, text, words):
    file = tmp_path / "prices.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UserError) as caught:
        read_prices(file)
    assert words in str(caught.value) and str(file) in str(caught.value)
