import pytest

from sluicegate.data.validation.languages import CHINESE, ENGLISH, OTHER, UNDETERMINED, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("The battery lasts two days, which is more than enough.", ENGLISH, id="English"),
        pytest.param("Loved it!", ENGLISH, id="two English words"),
        pytest.param(
            "RT @bob check this out http://x.example/der/die/das", ENGLISH, id="what is no word is passed over"
        ),
        pytest.param("naïve but charming, a lovely café film", ENGLISH, id="English with accents"),
        pytest.param("这个产品非常好", CHINESE, id="Chinese"),
        pytest.param("還不錯", CHINESE, id="traditional characters"),
        pytest.param("iPhone 手机壳很漂亮", CHINESE, id="Chinese with a Latin name"),
        pytest.param("I bought 北京 tea and it was really very good", ENGLISH, id="English with a Chinese name"),
        pytest.param("この商品はとても良いです", OTHER, id="Japanese"),
        pytest.param("제품이 고장났어요", OTHER, id="Korean"),
        pytest.param("Отличное качество", OTHER, id="Russian"),
        pytest.param("المنتج ممتاز", OTHER, id="Arabic"),
        pytest.param("Ce produit est vraiment excellent, je le recommande.", OTHER, id="French"),
        pytest.param("Das Produkt ist leider nicht gut verarbeitet.", OTHER, id="German"),
        pytest.param("El producto llegó roto y nadie me contesta", OTHER, id="Spanish"),
        pytest.param("Het product is kapot aangekomen en niet goed", OTHER, id="Dutch"),
        pytest.param("Produk ini tidak bagus dan pengiriman lama", OTHER, id="Indonesian"),
        pytest.param("Çok kaliteli bir ürün", OTHER, id="Turkish"),
        pytest.param("", UNDETERMINED, id="empty"),
        pytest.param("12345 !!! 🙂", UNDETERMINED, id="no letters"),
        pytest.param("Xbq", UNDETERMINED, id="no word"),
        pytest.param("https://example.org/the/and/of", UNDETERMINED, id="an address alone"),
    ],
)
def test_the_language_of_a_text_is_told_by_script_and_common_words(text, language):
    assert language_of(text) == language


def test_a_very_long_text_costs_no_more_than_its_beginning():
    assert language_of("the " * 5_000_000) == ENGLISH
