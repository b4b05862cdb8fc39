from django.urls import path

from cms.views import card, me

app_name = "me"
urlpatterns = [
    path("me/", me.home, name="home"),
    path("me/card/", card.card, name="card"),
    path("me/card/new/", card.new_card, name="new_card"),
    path("me/wallet/", me.wallet, name="wallet"),
    path("me/wallet/<int:number>/", me.statement_line, name="statement_line"),
    path("me/wallet/<int:number>/receipt/", me.receipt_file, name="receipt"),
    path("me/records/", me.records, name="records"),
]
